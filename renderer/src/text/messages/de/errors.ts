import type { ErrorSentences } from '../../error-text.js'

export const errors: ErrorSentences = {
  'file-unreadable': {
    what: '„{path}“ lässt sich nicht öffnen.',
    next: 'Prüfe, ob die Datei noch da ist und ob du sie lesen darfst, und wähle sie dann erneut.',
  },
  'file-unwritable': {
    what: '„{path}“ ließ sich nicht schreiben.',
    next: 'Prüfe, ob auf dem Datenträger Platz ist und der Ordner beschreibbar ist, oder wähle einen anderen.',
  },
  'file-exists': {
    what: '„{path}“ gibt es schon, und überschrieben wird nichts.',
    next: 'Wähle einen anderen Namen oder Ordner.',
  },
  'model-malformed': {
    what: '„{path}“ ist beschädigt oder keine Modelldatei (bei {where}).',
    next: 'Lade die Datei erneut und vergleiche ihre Größe mit der an der Quelle.',
  },
  'model-unsupported': {
    what: 'Diese Version kann „{path}“ nicht ausführen: {feature}.',
    next: 'Wähle ein Modell der Familien Llama, Mistral, Qwen, Gemma, Phi, OLMo oder Granite, etwa in Q4_K_M, Q4_0 oder Q8_0.',
  },
  'model-untrainable': {
    what: 'Dieses Modell läuft, lässt sich so aber nicht trainieren: {reason}.',
    next: 'Wähle ein anderes Rezept oder ein Modell mit 4-Bit-Gewichten.',
  },
  'model-mismatch': {
    what: 'Das ist nicht das Modell, mit dem der Lauf entstanden ist.',
    next: 'Lege die ursprüngliche Datei zurück, oder beginne mit dieser einen neuen Lauf.',
  },
  'data-invalid': {
    what: '„{path}“ hat eine unbrauchbare Zeile (Zeile {line}, Spalte „{column}“).',
    next: 'Berichtige die Zeile, oder lass fehlerhafte Zeilen weg.',
  },
  'data-insufficient': {
    what: 'Aus „{path}“ lässt sich zu wenig lernen.',
    next: 'Füge Zeilen hinzu, von mindestens zwei Klassen, wenn es um Klassen geht.',
  },
  'prompt-too-long': {
    what: 'Ein Prompt aus {tokens} Tokens passt nicht in den Kontext des Modells von {contextLength}.',
    next: 'Kürze die Vorlage oder den Text, oder lass lange Zeilen weg.',
  },
  'template-invalid': {
    what: 'Die Chat-Vorlage ist nicht brauchbar: {reason}.',
    next: 'Nimm eine Aufgabe mit eigenem Prompt oder ein Modell, dessen Vorlage funktioniert.',
  },
  'request-invalid': {
    what: 'So geht das nicht: {issues}.',
    next: 'Ändere sie und versuche es erneut.',
  },
  'run-invalid': {
    what: 'Der Lauf in „{path}“ lässt sich nicht fortsetzen ({where} ist beschädigt).',
    next: 'Was übrig ist, kannst du noch ansehen. Beginne einen neuen Lauf mit denselben Einstellungen.',
  },
  'adapter-invalid': {
    what: '„{path}“ ist kein brauchbarer Adapter ({where}).',
    next: 'Exportiere ihn erneut aus seinem Lauf.',
  },
  'run-locked': {
    what: 'Ein anderes Programm (Prozess {pid}) arbeitet gerade daran.',
    next: 'Warte, bis es fertig ist, oder beende es dort.',
  },
  'version-newer': {
    what: '„{path}“ stammt von einem neueren Zerotune (Version {found}; dieses liest bis {supported}).',
    next: 'Aktualisiere Zerotune, um die Datei zu öffnen.',
  },
  'memory-budget-exceeded': {
    what: 'Das braucht {requiredBytes} Speicher; das Budget ist {availableBytes}.',
    next: 'Erhöhe das Budget, oder wähle kleinere Stapel, eine kürzere Höchstlänge oder weniger Schichten.',
  },
  'loss-not-finite': {
    what: 'Der Verlust war bei Schritt {step} keine Zahl mehr.',
    next: 'Alles bis dahin ist gespeichert. Beginne erneut mit einer kleineren Lernrate.',
  },
  'value-unrepresentable': {
    what: 'Eine trainierte Zahl wurde für das Format der Datei zu groß ({where}).',
    next: 'Exportiere einen früheren Schritt, oder trainiere erneut mit einer kleineren Lernrate.',
  },
  'export-mismatch': {
    what: '„{path}“ ließ sich nicht so lesen, wie es geschrieben wurde ({where}), und wurde verworfen.',
    next: 'Prüfe den Datenträger und exportiere erneut.',
  },
  'merge-lossy': {
    what: 'In den Zahlentypen der Datei ginge das Gelernte verloren: Das Training brachte {gained} an Verlust, das Runden nahm {lost}.',
    next: 'Exportiere es als LoRA-Datei oder als ONNX; beide behalten es genau.',
  },
  'runtime-failed': {
    what: 'Die Laufzeitumgebung ist hierbei gescheitert: {operation}.',
    next: 'Schließe Programme, die viel Speicher brauchen, und versuche es erneut.',
  },
  'device-unavailable': {
    what: 'Das Gerät „{device}“ ist nicht da: {reason}',
    next: 'Wähle in den Einstellungen ein anderes. „zerotune doctor“ sagt, was dieser Rechner hat.',
  },
  'device-lost': {
    what: 'Das Gerät „{device}“ ging beim Rechnen verloren, oder sein Speicher ist voll.',
    next: 'Bis zum letzten Schritt ist alles behalten. Schließe Programme, die die Grafikkarte benutzen, und setze den Lauf fort.',
  },
  'network-off': {
    what: 'Das Netz ist für Zerotune ausgeschaltet.',
    next: 'Erlaube es in den Einstellungen; danach kannst du es wieder ausschalten.',
  },
  'network-failed': {
    what: '„{host}“ war nicht zu erreichen: {reason}.',
    next: 'Prüfe die Verbindung und versuche es erneut. Was angekommen ist, bleibt.',
  },
  'hub-not-found': {
    what: 'Der Hub hat kein „{name}“.',
    next: 'Prüfe den Namen. Private Modelle brauchen ein Token von dir.',
  },
  'hub-denied': {
    what: 'Der Hub gibt „{name}“ nicht ohne Erlaubnis heraus.',
    next: 'Nimm auf der Seite des Modells die Bedingungen an und gib hier dein Token an.',
  },
  'hub-busy': {
    what: '„{host}“ ist ausgelastet und bittet zu warten.',
    next: 'Versuche es in einigen Minuten erneut. Was angekommen ist, bleibt.',
  },
  'download-invalid': {
    what: '„{name}“ wurde nicht angenommen: {reason}.',
    next: 'Versuche es erneut. Geschieht es zweimal, liegt es am Hub oder am Weg dorthin; wähle eine andere Datei.',
  },
  'space-missing': {
    what: 'Auf dem Datenträger ist zu wenig Platz: {requiredBytes} werden gebraucht, {availableBytes} sind frei.',
    next: 'Schaffe Platz, oder wähle eine kleinere Datei. Was angekommen ist, bleibt.',
  },
  cancelled: {
    what: 'Angehalten, wie gewünscht.',
    next: 'Es wurde nichts geändert.',
  },
  'unknown-item': {
    what: 'Das ist hier nicht mehr bekannt ({what}).',
    next: 'Wähle es erneut.',
  },
  'run-active': {
    what: 'Es läuft schon ein anderes Training, und es geht nur eines zur selben Zeit.',
    next: 'Warte, bis es fertig ist, oder halte es auf seiner Seite an.',
  },
  'run-not-ready': {
    what: 'Der Lauf kann das gerade nicht (er ist in diesem Zustand: {state}).',
    next: 'Seine Seite zeigt, was er gerade tut.',
  },
  'not-available': {
    what: 'Das geht hier nicht: {feature}.',
    next: 'Die Desktop-App oder eine neuere Version kann es vielleicht.',
  },
  'engine-gone': {
    what: 'Die Engine wurde beendet, bevor sie geantwortet hat.',
    next: 'Starte sie mit dem Knopf oben neu. Was gespeichert war, ist noch da.',
  },
  bug: {
    what: 'In Zerotune ist etwas schiefgegangen.',
    next: 'Von dir ist nichts verloren. Bitte kopiere die technischen Einzelheiten und melde sie.',
  },
}
