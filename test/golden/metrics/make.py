"""Writes metrics.json: reference values of text metrics.

pip install sacrebleu==2.6.0 rouge-score==0.1.2 scikit-learn==1.9.1
SQuAD's rules are those of its evaluation script (version 1.1), written out here.
"""
import collections, json, re, string
from pathlib import Path
from rouge_score import rouge_scorer
from sacrebleu.metrics import CHRF
from sklearn.metrics import f1_score, confusion_matrix

pairs = [
    ["Denver Broncos", ["the Denver Broncos."]],
    ["The cat sat on the mat.", ["A cat was sitting on a mat", "the cat sat there"]],
    ["no", ["yes"]],
    ["", ["nothing"]],
    ["the", ["a"]],
    ["twenty-one (21) men", ["21 men", "twenty one men"]],
    ["It's 5 o'clock; time to go!", ["its 5 oclock time to go"]],
    ["a a a b", ["a b b"]],
    ["The police killed the gunman", ["police kill the gunman", "the gunman police killed"]],
    ["ab", ["abcdef"]],
    ["Größe über alles", ["Große uber alles"]],
    ["long answers share some words with longer references that go on", ["some longer references go on and on with long words"]],
]

def normal(s):
    s = "".join(c for c in s.lower() if c not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", s).split())

def f1(a, b):
    x, y = normal(a).split(), normal(b).split()
    if not x or not y:
        return float(x == y)
    same = sum((collections.Counter(x) & collections.Counter(y)).values())
    if same == 0:
        return 0.0
    p, r = same / len(x), same / len(y)
    return 2 * p * r / (p + r)

rouge = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
chrf = CHRF()
texts = []
for answer, accepted in pairs:
    ascii_only = (answer + "".join(accepted)).isascii()
    texts.append({
        "answer": answer, "accepted": accepted,
        "exactMatch": max(float(normal(answer) == normal(g)) for g in accepted),
        "tokenF1": max(f1(answer, g) for g in accepted),
        "rougeL": max(rouge.score(g, answer)["rougeL"].fmeasure for g in accepted) if ascii_only else None,
        "chrf": max(chrf.sentence_score(answer, [g]).score for g in accepted) / 100,
    })

labels = [
    {"true": [0, 0, 1, 1, 2, 2, 2, 1, 0, 2], "said": [0, 1, 1, 1, 2, 0, 2, 2, 0, 2]},
    {"true": [0, 0, 0, 1], "said": [0, 0, 0, 0]},
    {"true": [0, 1, 2, 3, 3, 3], "said": [3, 1, 2, 3, 3, 0]},
]
for each in labels:
    each["confusion"] = confusion_matrix(each["true"], each["said"]).tolist()
    each["macroF1"] = f1_score(each["true"], each["said"], average="macro", zero_division=0)
Path(__file__).with_name("metrics.json").write_text(json.dumps({"texts": texts, "labels": labels}, indent=1, ensure_ascii=False) + "\n")
