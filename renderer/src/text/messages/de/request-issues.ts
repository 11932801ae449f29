import type { RequestIssueSentences } from '../../reason-text.js'

export const requestIssues: RequestIssueSentences = {
  'probe-size-of-exact':
    '„{recipe}“ folgt exakten Gradienten und hat keine Sonden, deren Größe zu setzen wäre',
  'score-of-exact':
    '„{recipe}“ folgt Gradienten, und eine Wertung hat keine: Wähle ein Rezept mit Vorwärtsläufen',
  'probing-of-exact': '„{recipe}“ folgt exakten Gradienten; Sonden haben nur die Rezepte mit Vorwärtsläufen',
  'own-directions':
    '„{recipe}“ gibt jeder Zeile eine eigene Richtung und misst deshalb auf beiden Seiten oder mit einem Kern, mit einer Richtung; „Vorwärtsläufe, Blockskalen“ nimmt die anderen',
  'directions-of-scales':
    '„{recipe}“ zieht jede Zahl einer Richtung für sich; andere Richtungen hat „Vorwärtsläufe, Blockskalen“',
  'rank-of-directions': 'Rang und Schritte einer Basis haben nur Richtungen von kleinem Rang',
  'spectral-of-scales':
    '„{recipe}“ bewegt keine Matrizen von Skalen, deren Schritte auszugleichen wären; „Vorwärtsläufe, Blockskalen“ tut es',
  'one-sided-alone': 'Einseitige Sonden werden miteinander verglichen: Es braucht mindestens zwei Richtungen',
  'spread-alone': 'Schritte nach der Streuung der Verluste brauchen mindestens zwei Richtungen',
  'moments-of-some-layers':
    'Laufende Mittel brauchen bei jedem Schritt alle Schichten: Wähle sie oder einen Anteil der Schichten',
  'codes-are-whole':
    '„{recipe}“ bewegt Codes, also ganze Zahlen: ohne laufende Mittel, gesuchte Weiten und Sonden zufälliger Größe',
  'probe-of-codes':
    '„{recipe}“ ändert für Sonden einen Teil der Codes, jeden um eins: Die Größe ist höchstens 1',
  'rule-without-rate': 'Der Schritt „{rule}“ ist nicht der des Rezepts: Setze auch seine Lernrate',
  'states-of-sgd': 'SGD hält seine Geschwindigkeit in Gleitkommazahlen; andere Formen gibt es nicht',
  'row-share-of-others': 'Nur Grass bewegt je einige Zeilen, und der Optimierer ist {optimizer}',
  'sgd-without-rate': 'SGD geht so weit, wie Gradienten lang sind: Setze auch seine Lernrate',
  'optimizer-of-probes':
    '„{recipe}“ folgt Sonden und hat eigene Schritte; Optimierer, Gewichtsabfall und Kürzen gehören zu exakten Gradienten',
  'tokens-without-weights':
    '„{recipe}“ hat keine Gradienten von Gewichten oder Skalen, die aus einem Teil der Token folgen könnten',
  'grid-of-probes': '„{recipe}“ behält das Raster, auf das es rundet',
  'layers-outside':
    'Die Schichten {first} bis {last} sollten in 1 bis {top} liegen, die erste nicht nach der letzten',
  'layers-of-exact':
    '„{recipe}“ folgt exakten Gradienten; Sonden wählen Schichten nur für Vorwärtsläufe: Nenne die Schichten',
  'layers-without-device':
    'Der Lauf ist auf dem Prozessor, es gibt also kein anderes Gerät für Schichten. Wähle eines in den Einstellungen.',
  'device-layers-twice':
    'Sage, wie viele Schichten das Gerät nimmt oder was sein Speicher fasst, nicht beides.',
  'memory-of-device':
    'Das Gerät „{device}“ bekommt seine Gewichte jedes Mal neu und behält keine: Sage, wie viele Schichten es nimmt.',
  'layers-of-start':
    'Ein Lauf, der von einem anderen ausgeht, trainiert dessen Schichten; Sonden können sie nicht wählen',
  'columns-without-rows': 'Spaltenfaktoren stehen neben Zeilenfaktoren, und die hat „{recipe}“ nicht',
  'zero-points-without-scales':
    'Nullpunkte werden neben Blockskalen mit exakten Gradienten trainiert; das tut „{recipe}“ nicht',
  'freeze-order':
    'Schichten frieren von unten nach oben ein: jedes Mal nach mehr Schritten und unter einer höheren Schicht, einer von {first} bis {last} außer der ersten',
  'freeze-with-means':
    '„{recipe}“ folgt laufenden Mitteln oder sucht Weiten, die Schichten bewegen, deren Schritte vorbei sind; friere sie mit einem anderen Rezept ein',
  'freeze-of-auto':
    'welche Schichten einfrieren, steht vorher fest; nenne also auch die trainierten Schichten',
  'rank-without-branches': '„{recipe}“ hat keine niedrigrangigen Zweige, die Rang oder Alpha hätten',
  'bits-without-weights': '„{recipe}“ hat keine gerundeten Gewichte, die Bits, Raster oder Rundung hätten',
  'all-linears': '„{recipe}“ trainiert alle Matrizen einer Schicht',
  'score-without-answers':
    'Diese Wertung beurteilt, was das Modell nach einem Prompt schreibt: Wähle im Datenschritt eine Aufgabe mit Antwort',
  'score-without-labels':
    'Die Trefferquote zählt richtige Klassen, und diese Aufgabe hat keine: Wähle im Datenschritt eine mit Klassen',
  'score-schema': 'Das JSON-Schema der Wertung ist keines: {reason}',
  'function-slow': 'Deine Wertungsfunktion brauchte für eine Antwort mehr als {seconds} s',
  'function-large': 'Deine Wertungsfunktion brauchte mehr als {megabytes} MB',
  'function-fails-at': 'Deine Wertungsfunktion scheitert in Zeile {line}: {found}',
  'function-fails': 'Deine Wertungsfunktion scheitert: {found}',
  'function-value': 'Deine Wertungsfunktion sollte eine Zahl von 0 bis 1 ergeben und ergab {found}',
  'function-none': 'Dein JavaScript sollte „function score(written, right)“ definieren',
  'states-of-probes': '„{recipe}“ folgt Sonden und behält nichts zwischen Durchläufen',
  'base-without-text': 'Es fehlt der Text, auf dem das Modell bleiben soll, wie es war',
  'base-of-probes':
    '„{recipe}“ folgt Sonden; auf anderem Text zu bleiben wie zuvor braucht exakte Gradienten',
  'recipe-of-graph':
    '„{recipe}“ trainiert etwas anderes: Dieses Modell läuft mit seinem eigenen Graphen, dessen Blockskalen mit Vorwärtsläufen trainiert werden',
  'choice-of-graph':
    'Dieses Modell läuft mit seinem eigenen Graphen als eine Schicht und schreibt nichts: Schichten lassen sich nicht wählen, puffern, einzeln skalieren oder in 16-Bit-Gleitkommazahlen rechnen, und Bewertungen geschriebener Antworten nicht trainieren',
  'format-of-graph':
    'Dieser Lauf hat den eigenen Graphen des Modells trainiert und wird als „onnx“ exportiert, nicht als „{format}“',
  'prompt-of-all-layers': '„{recipe}“ geht durch alle Schichten, weil sein Prompt vor der ersten steht',
  'start-without-prompt': '„{recipe}“ hat keinen weichen Prompt, dessen Anfang zu wählen wäre',
  'prompt-twice':
    'Ein weicher Prompt hat einen Vektor je Token seines Textes: Wähle den Text oder eine Anzahl',
  'prompt-length': 'Ein weicher Prompt hat 1 bis {end} Vektoren, nicht {count}',
  'prompt-beyond-context':
    'Die längste Zeile und der weiche Prompt haben zusammen {count} Tokens, und der Kontext des Modells fasst {end}: Nimm weniger Vektoren oder kürzere Zeilen',
  'earlier-layers':
    'Der frühere Lauf hat die Schichten {first} bis {last} trainiert, und alle müssen weiter trainiert werden; oder exportiere ihn als GGUF und trainiere diese Datei',
  'earlier-parts':
    '„{recipe}“ kann nicht mit dem weitermachen, was „{earlier}“ trainiert hat; exportiere den früheren Lauf als GGUF und trainiere diese Datei',
  'brace-idle':
    'In der Vorlage „{found}“ schließt die Klammer an Stelle {at} nichts; Klammern selbst schreibt man doppelt',
  'brace-open':
    'In der Vorlage „{found}“ sollte die Klammer an Stelle {at} eine Spalte wie {column} beginnen; Klammern selbst schreibt man doppelt',
  'labels-nowhere': 'Es braucht eine Spalte mit Klassen, aber der Prompt benutzt jede Spalte von {file}',
  'label-column-among': 'In {file} könnten mehrere Spalten die Klasse sein ({list}): Wähle eine',
  'label-column-none':
    'In {file} sieht keine der übrigen Spalten ({list}) nach Klassen aus, mit 2 bis {end} Werten, die sich wiederholen: Wähle eine',
  'label-silent': 'Die Klasse „{name}“ hat keinen Text',
  'labels-equal':
    'Die Texte der Klassen „{name}“ ({text}) und „{other}“ ({otherText}) sind für das Modell gleich: Gib ihnen andere',
  'labels-nested':
    'Der Text der Klasse „{name}“ ({text}) ist der Anfang dessen von „{other}“ ({otherText}): Gib ihnen andere',
  'system-without-chat': 'Eine Systemnachricht braucht die Chat-Vorlage um den Prompt',
  'chat-without-template': 'Dieses Modell hat keine Chat-Vorlage',
  'tensors-without-graph':
    'Zeilen aus Tensoren sind für ONNX-Graphen, die Tensoren nehmen und geben; dieses Modell liest Text',
  'text-of-tensors': 'Dieser Graph nimmt und gibt Tensoren und liest keinen Text; seine Zeilen sind Tensoren',
  'choice-of-tensors':
    'Zeilen aus Tensoren haben weder Spalten noch Tokens noch Texte: Sie lassen sich nicht filtern, gruppieren, berichtigen, kürzen oder auf Beinahe-Wiederholungen vergleichen',
  'target-open': 'Dieser Graph hat mehrere Ausgänge ({list}); einer davon muss genannt werden',
  'target-unknown': 'Dieser Graph hat keinen Ausgang „{name}“ mit Gleitkommazahlen, sondern {list}',
  'messages-without-template': 'Gespräche brauchen eine Chat-Vorlage, und dieses Modell hat keine',
  'filter-number': 'Ein Filter mit „{relation}“ vergleicht Zahlen, und „{found}“ ist keine',
  'path-nul': 'Der Pfad enthält ein NUL-Zeichen',
  'path-elsewhere': 'Pfade anderer Rechner und Geräte werden nicht geöffnet',
  'path-relative': 'Gib den ganzen Pfad an, von der Wurzel oder von ~ aus',
  'path-device': 'Der Pfad nennt ein Gerät',
  'repository-name': 'Ein Name auf dem Hub sieht aus wie BESITZER/NAME; „{found}“ nicht',
  'prompt-in-format':
    'Dieser Lauf hat einen weichen Prompt trainiert, und {format} hat keinen Platz für dessen Vektoren: Exportiere einen Adapter, oder trainiere mit einem anderen Rezept',
  'lora-without-branches': 'Dieser Lauf hat keine niedrigrangigen Zweige: Exportiere ihn als GGUF',
  'lora-of-fused':
    'Dateien der Architektur „{name}“ halten mehrere Matrizen in einem Tensor ({tensor}), zu dem ein Zweig für eine nicht passt: Exportiere ihn als GGUF',
  'lora-of-tensors':
    'Dieser Lauf hat Tensoren des Modells selbst geändert, die eine LoRA-Datei nicht aufnehmen kann: Exportiere ihn als GGUF',
}
