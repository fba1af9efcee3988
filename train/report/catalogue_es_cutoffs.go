package report

// spanishCutoffs has the keys of englishCutoffs.
//
//nolint:misspell // its words are not English ones
var spanishCutoffs = map[string]string{
	"cutoffs.heading":         "Los umbrales de la política y otros que se podrían elegir",
	"cutoffs.intro":           "Primero los de la política; los demás muestran qué se podría tener en su lugar.",
	"cutoffs.own":             "%s: %s",
	"cutoffs.by":              "Elegido por",
	"cutoffs.volume":          "Leads al día",
	"cutoffs.benefit":         "Beneficio por lead",
	"cutoffs.above":           "ninguna",
	"cutoffs.out":             "Elegidos sobre %s leads de entrenamiento, cada uno puntuado por un modelo que no lo había visto, y medidos sobre los reservados.",
	"cutoffs.chosen":          "Elegidos sobre %s leads y medidos sobre otros.",
	"cutoffs.unmet":           "* Lo pedido no se puede alcanzar.",
	"cutoffs.way.youden":      "mejor separación (Youden)",
	"cutoffs.way.top":         "proporción mejor puntuada",
	"cutoffs.way.score":       "puntuación fija",
	"cutoffs.way.precision":   "precisión",
	"cutoffs.way.capacity":    "capacidad",
	"cutoffs.way.cost":        "coste de un contacto",
	"cutoffs.way.net_benefit": "mayor beneficio",

	"benefit.heading": "¿Merece la pena actuar?",
	"benefit.intro":   "La curva de decisión: conversiones acertadas por cada 100 leads, menos los contactos perdidos al precio que implica el umbral.",
	"benefit.title":   "Beneficio neto por cada 100 leads",
	"benefit.x":       "Contactar a partir de una probabilidad de",
	"benefit.y":       "Beneficio neto",
	"benefit.all":     "contactar a todos",
	"benefit.none":    "no contactar a nadie",
	"benefit.read":    "En cada umbral, la curva más alta es la mejor política. Donde una curva no supere a la vez a «todos» y a «nadie», prescinda del modelo.",
	"benefit.example": "Un umbral del 20 % dice que una conversión vale por cuatro contactos perdidos; elija el suyo según lo que cuesta un contacto y lo que aporta una conversión.",
	"benefit.table":   "La curva de decisión en una tabla",
}
