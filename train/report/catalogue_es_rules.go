package report

// spanishRules holds the texts of suggested rules and of replays.
//
//nolint:misspell // its words are not English ones
var spanishRules = map[string]string{
	"suggest.summary":    "%s: %s reglas a partir del modelo %s; %s puntos duplican las probabilidades relativas; conservan el %s de lo que mueve su log-odds",
	"suggest.group":      "Grupo",
	"suggest.rule":       "Regla",
	"suggest.points":     "Puntos",
	"suggest.rows":       "Leads",
	"suggest.rate":       "Convertidos",
	"suggest.kept":       "Conserva",
	"suggest.from_to":    "%s a %s",
	"suggest.difference": "Propuestas − esto",
	"suggest.suggested":  "reglas propuestas",
	"suggest.current":    "reglas en uso",
	"suggest.measured":   "con %s leads etiquetados, %s convertidos",
	"suggest.ranking":    "Las reglas propuestas conservan el %s de la ventaja del modelo sobre el azar (AUC por encima de ½); su orden tiene una correlación de %s con el del modelo.",
	"suggest.selected":   "%s leads (%s); convierte el %s (%s), que es el %s de todas las conversiones (%s)",
	"suggest.mql":        "MQL desde %s puntos: %s",
	"suggest.mql_model":  "MQL y SQL según la política del modelo: %s",
	"suggest.left":       "%s (%s, %s)",
	"suggest.more":       "y %s más",
	"suggest.left_out":   "Quedan fuera, con su parte de lo que mueve el log-odds: %s",

	"suggest.reason.small":   "demasiado poco",
	"suggest.reason.derived": "derivado de un texto o de una fecha",
	"suggest.reason.event":   "ninguna regla de eventos lo dice",
	"suggest.reason.pair":    "un lado que ninguna condición dice",

	"suggest.in.fit":        "perfil",
	"suggest.in.engagement": "interacción",
	"suggest.in.intent":     "intención",
}
