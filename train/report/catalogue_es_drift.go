package report

// spanishDrift has the keys of englishDrift.
//
//nolint:misspell // its words are not English ones
var spanishDrift = map[string]string{
	"drift.summary":      "%s leads nuevos frente a %s leads de entrenamiento",
	"drift.score":        "la probabilidad",
	"drift.psi":          "PSI",
	"drift.missing":      "sin valor",
	"drift.unknown":      "valores nuevos",
	"drift.training":     "entrenamiento",
	"drift.new":          "nuevos",
	"drift.change":       "%s → %s",
	"drift.rank.stable":  "estable",
	"drift.rank.moved":   "se mueve",
	"drift.rank.shifted": "cambiada",
	"drift.calendar":     "calendario",
	"drift.more":         "%s características más, cada una con un PSI de %s como máximo o del calendario",
	"drift.levels":       "%s tiene valores que no había en el entrenamiento: %s",

	"drift.says.nothing":   "Nada se ha movido más de lo que haría el azar por sí solo.",
	"drift.says.few":       "Solo %s leads nuevos: muy pocos para saber si algo se ha movido.",
	"drift.says.moved":     "De %s características se mueven un poco %s (PSI de 0,1 a 0,25). El modelo se puede usar; vuelva a mirarlo con los próximos leads.",
	"drift.says.shifted":   "Características: %s en total; cambiadas (PSI superior a 0,25): %s; con un movimiento pequeño: %s. Averigüe qué ha cambiado en los datos y vuelva a entrenar si el cambio va a durar.",
	"drift.says.calendar":  "Los días y los meses avanzan con el tiempo, sean como sean los leads; se muestran y aquí no cuentan.",
	"drift.says.score":     "La distribución de la propia probabilidad: %s, con un PSI de %s.",
	"drift.says.auc":       "Si sus probabilidades siguen siendo válidas, cabe esperar un AUC de %s en estos leads; en los de entrenamiento era de %s.",
	"drift.says.auc.alone": "Si sus probabilidades siguen siendo válidas, cabe esperar un AUC de %s en estos leads; la probabilidad media es del %s.",
	"drift.says.mean":      "La probabilidad media es del %s; en los leads de entrenamiento era del %s.",
	"drift.says.old":       "El modelo se entrenó con un leadscore anterior, que no guardaba la distribución de la probabilidad: la deriva de la puntuación no se conocerá hasta que se vuelva a entrenar.",
	"drift.says.beyond":    "Por encima del límite de %s: %s.",
	"drift.says.within":    "Nada supera el límite de %s.",
	"drift.excess":         "%s (%s)",
}
