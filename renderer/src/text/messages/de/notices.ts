import type { NoticeSentences } from '../../notice-text.js'

export const notices: NoticeSentences = {
  'header-missing': 'Die erste Zeile gilt als Daten, nicht als Kopf; ihre Spalten heißen {list}.',
  'header-repeated': 'Der Kopf hat „{name}“ mehrmals; Spalte {column} heißt „{own}“.',
  'column-renamed': '{file} hat keine Spalte „{name}“; an ihrer Stelle steht „{own}“.',
  'not-utf-8': '{file} ist nicht UTF-8; es wurde als Windows-1252 (Latin-1) gelesen.',
  'rows-set-aside':
    'Es gibt keine Datei zurückgehaltener Zeilen: {count} Zeilen von {file} sind zum Bewerten zurückgehalten.',
  'rows-untouched': '{count} Zeilen sind zurückgehalten, die der Lauf nie ansieht.',
  'rows-corrected': '{count} Zeilen werden wie berichtigt gelesen, nicht wie sie in der Datei stehen.',
  'rows-filtered': '{count} Zeilen erfüllen die Filter nicht.',
  'rows-named': 'Nicht trainiert werden {count} Zeilen, die du genannt hast.',
  'rows-unsampled': '{count} Zeilen bleiben durch Ausgleich oder Stichprobe weg.',
  'rows-as-shots': '{count} Trainingszeilen stehen vor jedem Prompt und werden nicht gelernt.',
  'dev-also-trained':
    'Mit {count} zurückgehaltenen Zeilen wird auch trainiert (zurückgehaltene Zeile {dev} ist Trainingszeile {train}); ihre Werte sagen weniger.',
  'bad-rows-left-out': '{file}: {count} unbrauchbare Zeilen wurden weggelassen. Die erste: {problem}',
  'labels-long':
    '{count} von {total} Wörtern der Klassen haben mehrere Tokens: {list}. Jede Zeile braucht {total} Durchläufe; mit Wörtern aus einem Token genügte einer.',
  'layers-by-probing':
    'Sonden haben die Schichten ab {first} gewählt: Sie behalten {percent} % dessen, was ein Schritt mit den besten oberen Schichten gewinnt.',
  'trained-on-score':
    'Dieser Lauf lernt nach einer Wertung ({score}); was hier Verlust heißt, ist 1 minus diese.',
  'labels-respelled': 'Klassen werden in anderer Schreibweise gelesen, je ein Token: {list}.',
  'left-out-repeated': 'Nicht trainiert werden {count} Zeilen, die eine andere wiederholen.',
  'left-out-nearly-repeated': 'Nicht trainiert werden {count} Zeilen, die einer anderen fast gleichen.',
  'left-out-contradicted':
    'Nicht trainiert werden {count} Zeilen, deren Prompt auch eine andere Antwort hat.',
  'left-out-held-out': 'Nicht trainiert werden {count} Zeilen, deren Prompt auch zurückgehalten ist.',
  'left-out-nearly-held-out':
    'Nicht trainiert werden {count} Zeilen, die einer zurückgehaltenen fast gleichen.',
  'left-out-empty-answer': 'Nicht trainiert werden {count} Zeilen, in denen nichts zu lernen ist.',
  'left-out-empty-field': 'Nicht trainiert werden {count} Zeilen mit einer leeren Spalte im Prompt.',
  'left-out-lost-characters': 'Nicht trainiert werden {count} Zeilen mit verlorenen Zeichen.',
  'left-out-control-characters': 'Nicht trainiert werden {count} Zeilen mit Steuerzeichen.',
  'left-out-misread-characters': 'Nicht trainiert werden {count} Zeilen mit falsch gelesenen Zeichen.',
  'left-out-answer-in-prompt': 'Nicht trainiert werden {count} Zeilen, deren Antwort im Prompt steht.',
}
