package report

// spanishBlend has the keys of englishBlend.
//
//nolint:misspell // Spanish.
var spanishBlend = map[string]string{
	"blend.heading":       "Cuánto cuenta cada parte",
	"blend.part":          "Parte",
	"blend.weight":        "Peso",
	"blend.model":         "modelo",
	"blend.group":         "reglas/%s",
	"blend.held.negative": "fijado en 0: sería negativo, es decir, junto al modelo más puntos de estos van con menos conversiones",
	"blend.held.constant": "0: todos los leads del entrenamiento tienen los mismos puntos",
	"blend.short":         "%s fijado en 0",
	"blend.one":           "%s %s (%s)",
	"blend.weights":       "Combinación: %s. El peso del modelo es el de sus log-odds; los de las reglas son log-odds por cada 100 puntos.",
	"blend.note":          "Ajustado por regresión logística con %s leads de entrenamiento, que el modelo no había visto al puntuarlos. El peso del modelo es el de sus log-odds (1: tal cual); el de un grupo son log-odds por cada 100 de sus puntos. Ningún peso puede ser negativo. Un intervalo que empieza en 0 significa que quizá el grupo no aporte nada.",
	"blend.given":         "El peso del modelo es el de la configuración; no se ajustó nada.",
	"blend.upgrade":       "Los leads que las reglas rechazan se puntúan con el modelo si la puntuación de este es de %s o más.",
	"stage.by":            "%s (por %s)",
	"blend.loss":          "Pérdida logarítmica %s (%s): %s.",
	"blend.loss.better":   "mejor",
	"blend.loss.worse":    "peor",
	"blend.loss.unsure":   "no se puede saber",
}
