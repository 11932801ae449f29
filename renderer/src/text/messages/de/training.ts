import type { Messages } from '../en/index.js'
import { advanced } from './advanced.js'

export const training: Messages['training'] = {
  lead: 'Wähle, wie gründlich es sein soll. Für alles andere gibt es gute Vorgaben.',
  needs: {
    model: 'Zuerst ein Modell wählen',
    data: 'Zuerst Zeilen wählen',
    text: 'Zum Training gehören ein Modell, das sich trainieren lässt, und geprüfte Zeilen.',
    start: 'Training beginnen',
    other: 'Ein anderes Training läuft',
    otherText: '„{name}“ ist bei Schritt {step} von {steps}. Es geht nur eines zur selben Zeit.',
    openOther: 'Diesen Lauf zeigen',
  },
  preset: {
    title: 'Wie gründlich',
    quick: 'Schnell',
    balanced: 'Ausgewogen',
    careful: 'Sorgfältig',
    effect: {
      quick: 'Ein erster Blick: zeigt, ob aus den Zeilen überhaupt etwas zu lernen ist.',
      balanced: 'Das meiste, was diese Zeilen hergeben. Richtig, solange du es nicht besser weißt.',
      careful: 'Die letzten Punkte, mit kleineren und mehr Schritten. Lohnt sich, wenn Ausgewogen gelang.',
    },
    steps: '{count} Schritt | {count} Schritte',
    passes: 'jede Zeile {times}-mal gesehen',
    time: 'etwa {time}',
    noTime: 'Zeit noch nicht gemessen',
  },
  recipe: {
    title: 'Verfahren',
    label: 'Rezept',
    auto: 'Nach dem Budget',
    names: {
      'exact-rows': 'Exakte Gradienten, Zeilenfaktoren',
      'exact-lora': 'Exakte Gradienten, Zweige von niedrigem Rang',
      'exact-all': 'Exakte Gradienten, Faktoren, Normen und Verschiebungen',
      'exact-scales': 'Exakte Gradienten, Blockskalen',
      'exact-qat': 'Exakte Gradienten, auch die 4-Bit-Codes',
      'exact-prompt': 'Exakte Gradienten, weicher Prompt',
      'qzo-rows': 'Vorwärtsläufe, Zeilenfaktoren',
      'qzo-rows-momentum': 'Vorwärtsläufe, Zeilenfaktoren mit Impuls',
      dizo: 'Vorwärtsläufe, Weite der Schichten (DiZO)',
      'qzo-rows-adam': 'Vorwärtsläufe, Zeilenfaktoren mit Adam',
      qzo: 'Vorwärtsläufe, Blockskalen',
      'qzo-paper': 'Vorwärtsläufe, wie veröffentlicht',
      fzoo: 'Vorwärtsläufe, acht Richtungen je Schritt',
      kerzoo: 'Vorwärtsläufe, Sonden zufälliger Größe',
      'spsa-curvature': 'Vorwärtsläufe, kürzer, wo es steil ist',
      lezo: 'Vorwärtsläufe, einige Schichten zugleich',
      zeroqat: 'Vorwärtsläufe, auch die Codes',
    },
    about: {
      'exact-rows':
        'Berechnet die wahre Steigung Block für Block. Lernt in viel weniger Schritten und braucht etwas mehr Speicher.',
      'exact-lora':
        'Trainiert neben einigen Matrizen einen kleinen Zweig. Dateien damit sind größer, oder er wird eingerechnet.',
      'exact-all':
        'Bewegt Zeilenfaktoren, Normen und Verschiebungen zusammen: mehr Spielraum für kaum mehr Speicher.',
      'exact-scales':
        'Bewegt die Skala jedes Blocks der Datei: feiner als Zeilenfaktoren, mit mehr Zahlen im Speicher.',
      'exact-qat':
        'Trainiert volle Gewichte von Anfragen und Werten und rundet sie bei jedem Schritt auf 4 Bit, sodass sich auch Codes ändern.',
      'exact-prompt':
        'Trainiert einige Vektoren vor jedem Text und lässt das Modell, wie es ist. Keine Modelldatei kann sie aufnehmen.',
      'qzo-rows':
        'Misst die Steigung mit Paaren von Vorwärtsläufen. Braucht kaum mehr Speicher als das Modell zu benutzen.',
      'qzo-rows-momentum': 'Wie mit Zeilenfaktoren, und jeder Schritt folgt dem Mittel der vorigen.',
      dizo: 'Wie mit Zeilenfaktoren; ab und zu suchen weitere Vorwärtsläufe, wie weit jede Schicht vom Anfang entfernt sein soll.',
      'qzo-rows-adam':
        'Wie mit Zeilenfaktoren; Schritte folgen ihrem Mittel, geteilt durch das Übliche jeder Zahl (Adam).',
      qzo: 'Misst die Steigung mit Vorwärtsläufen und bewegt jede Blockskala der Datei.',
      'qzo-paper': 'Das veröffentlichte Verfahren mit seinen Einstellungen, zum Vergleich. Es lernt langsam.',
      fzoo: 'Fragt je Schritt auf einer Seite von acht Richtungen und vergleicht sie miteinander (FZOO).',
      kerzoo:
        'Fragt in zufälligen Abständen und gewichtet die Antworten so, dass sich Krümmungen des Verlusts aufheben (KerZOO).',
      'spsa-curvature':
        'Fragt auch am Ort selbst und geht quer zu Richtungen, in denen sich der Verlust scharf biegt, weniger weit (1.5-SPSA).',
      lezo: 'Bewegt jeweils ein Viertel der Schichten, bei jedem Schritt neu gewählt (LeZO).',
      zeroqat:
        'Das veröffentlichte Gegenstück, das auch Codes mit Vorwärtsläufen trainiert (ZeroQAT), zum Vergleich. Es lernt sehr langsam.',
    },
    reason: {
      chosen: 'Dieses Rezept hast du gewählt.',
      'exact-fits': 'Exakte Gradienten passen: Sie brauchen {needed}, das liegt im Budget.',
      'exact-on-upper-layers':
        'Über alle Schichten bräuchten exakte Gradienten {needed}, mehr als das Budget von {budget}; deshalb lernen die oberen Schichten, so viele wie passen.',
      'exact-exceeds-budget':
        'Exakte Gradienten bräuchten {needed}, mehr als das Budget von {budget}; deshalb wird die Steigung mit Vorwärtsläufen gemessen.',
      'asks-for-probes': 'Unter „Alle Einstellungen“ ist etwas gewählt, das es nur bei Vorwärtsläufen gibt.',
    },
    amount: '{steps} Schritte mit je {rows} Zeilen.',
    trained: '{count} Zahl wird trainiert | {count} Zahlen werden trainiert',
  },
  memory: {
    title: 'Speicher',
    budget: 'Budget',
    budgetHint: 'Bevor das Training mehr nimmt als das, hält es an und behält alles.',
    machine: 'Dieser Rechner hat {total}, davon sind {free} frei.',
    needed: '{needed} von {budget}',
    verdict: { fits: 'passt', tight: 'knapp', exceeds: 'zu viel' },
    exceeds: 'Dieser Plan braucht mehr als das Budget',
    exceedsText: 'Erhöhe das Budget, nimm kleinere Stapel oder trainiere weniger Schichten.',
    raise: 'Budget auf {budget} erhöhen',
    items: {
      program: 'Programm und Laufzeit',
      weights: 'Gewichte, wie in der Datei',
      'streamed-layer': 'Die Schicht, die gelesen wird',
      embedding: 'Einbettung',
      'trained-numbers': 'Trainierte Zahlen und ihre Zustände',
      'kept-states': 'Zustände zwischen den Läufen',
      activations: 'Aktivierungen eines Blocks',
      head: 'Kopf und Verluste',
      rows: 'Zeilen',
    },
    summary: 'Geplanter Speicher: {items}. Zusammen {total} bei einem Budget von {budget}.',
    free: 'Noch Platz',
    over: 'Über dem Budget',
    used: 'Belegt',
    peak: 'Spitze',
    live: '{used} belegt, {peak} in der Spitze, Budget {budget}',
    liveNoBudget: '{used} belegt, {peak} in der Spitze, kein Budget',
  },
  time: {
    title: 'Zeit',
    none: 'Auf diesem Rechner noch nicht gemessen.',
    measure: 'Einige Schritte messen',
    again: 'Erneut messen',
    hint: 'Echte Schritte am längsten und am kürzesten Stapel, die danach verworfen werden.',
    total: 'Ganzer Lauf',
    step: 'Ein Schritt im Mittel',
    longestStep: 'Ein Schritt am längsten Stapel',
    evaluation: 'Eine Bewertung',
    peak: 'Speicherspitze, gemessen',
    longest: 'Längster Stapel',
    tokens: '{count} Token | {count} Tokens',
  },
  advanced,
  name: 'Name des Laufs',
  nameHint: 'Bleibt er leer, heißt er nach dem Modell und den Zeilen.',
  planning: 'Es wird ausgerechnet, was es braucht',
  rows: '{train} Zeilen zum Training, {dev} zurückgehalten',
}
