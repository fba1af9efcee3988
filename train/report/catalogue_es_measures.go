package report

// spanishMeasures has the keys of englishMeasures.
//
//nolint:misspell // its words are not English ones
var spanishMeasures = map[string]string{
	"metric.gini":                       "Gini",
	"metric.gini.help":                  "2 · AUC − 1; azar 0, perfecto 1",
	"metric.ece_corrected":              "ECE corregido",
	"metric.ece_corrected.help":         "sin la distancia que pone el azar por sí solo",
	"metric.calibration_slope":          "Pendiente",
	"metric.calibration_slope.help":     "lo ideal es 1; por debajo, las probabilidades son demasiado extremas",
	"metric.calibration_intercept":      "Ordenada en el origen",
	"metric.calibration_intercept.help": "lo ideal es 0; por encima, convierten más leads de lo predicho",
	"metric.lift_at_1pct":               "Lift, mejor 1 %",
	"metric.lift_at_1pct.help":          "su tasa sobre la media; 1 es el azar",
	"metric.lift_at_5pct":               "Lift, mejor 5 %",
	"metric.lift_at_5pct.help":          "su tasa sobre la media; 1 es el azar",
	"metric.lift_at_20pct":              "Lift, mejor 20 %",
	"metric.lift_at_20pct.help":         "su tasa sobre la media; 1 es el azar",
	"metric.recall_at_1pct":             "Conversiones en el mejor 1 %",
	"metric.recall_at_1pct.help":        "proporción de todas las conversiones",
	"metric.recall_at_5pct":             "Conversiones en el mejor 5 %",
	"metric.recall_at_5pct.help":        "proporción de todas las conversiones",
	"metric.recall_at_10pct":            "Conversiones en el mejor 10 %",
	"metric.recall_at_10pct.help":       "proporción de todas las conversiones",
	"metric.recall_at_20pct":            "Conversiones en el mejor 20 %",
	"metric.recall_at_20pct.help":       "proporción de todas las conversiones",

	"slope.right": "Nada en los datos indica que las probabilidades sean demasiado extremas ni demasiado tímidas.",
	"slope.sure":  "Las probabilidades son demasiado extremas: las altas resultan más bajas, y las bajas, más altas.",
	"slope.shy":   "Las probabilidades son demasiado tímidas: las altas resultan más altas, y las bajas, más bajas.",
	"slope.high":  "En conjunto son demasiado altas: convirtieron menos leads de lo predicho.",
	"slope.low":   "En conjunto son demasiado bajas: convirtieron más leads de lo predicho.",
	"slope.level": "En conjunto no son ni demasiado altas ni demasiado bajas.",

	"calibration.note": "Las cifras en letra pequeña son intervalos del 95 %. Brier = fiabilidad − resolución + incertidumbre + resto.",

	"brier.reliability":      "Brier: fiabilidad",
	"brier.reliability.help": "cuánto se apartan los grupos de leads de su tasa predicha; menos es mejor",
	"brier.resolution":       "Brier: resolución",
	"brier.resolution.help":  "cuánto difieren entre sí las tasas de los grupos; más es mejor",
	"brier.uncertainty":      "Brier: incertidumbre",
	"brier.uncertainty.help": "la del propio resultado; la misma para todas las formas de puntuar",
	"brier.within":           "Brier: resto",
	"brier.within.help":      "diferencias dentro de los grupos",

	"top.heading": "Lo más alto de la lista",
	"top.intro":   "Lo que se obtiene si solo hay tiempo para los leads mejor puntuados.",
}
