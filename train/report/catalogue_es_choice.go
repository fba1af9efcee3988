package report

// spanishChoice holds the texts of the table of cut-offs.
var spanishChoice = map[string]string{
	"reason.threshold": "umbral",

	"choice.summary":   "%s: umbrales sobre %s leads con resultado, %s convertidos (%s)",
	"choice.arrivals":  "Llegaron %s leads al día durante %s días, contando los que aún no tienen resultado.",
	"choice.stage":     "Etapa",
	"choice.by":        "Elegido por",
	"choice.score":     "Punt. ≥",
	"choice.selected":  "Selecc.",
	"choice.volume":    "Leads/día",
	"choice.precision": "Precisión",
	"choice.recall":    "Exhaust.",
	"choice.benefit":   "Beneficio/lead",
	"choice.own":       "el del modelo",
	"choice.youden":    "mejor separación",
	"choice.top":       "mejor décima parte",
	"choice.unmet":     "ninguno",

	"choice.crossfit": "Un umbral parece mejor de lo que es en los leads con los que se eligió. Por eso cada mitad de los leads se cortó donde eligió la otra mitad (%s leads o más), y las cifras cuentan ambas; la puntuación se elige con todos. Los umbrales del modelo se miden tal como son.",
	"choice.fixed":    "Para conservar el umbral de «%s», escriba en la configuración:",
	"choice.anew":     "Para que cada entrenamiento lo elija de nuevo:",
}
