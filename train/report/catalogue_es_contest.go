package report

// spanishContest holds the texts of a comparison of scorers.
//
//nolint:misspell // its words are not English ones
var spanishContest = map[string]string{
	"scorer.naive_bayes": "Bayes ingenuo",
	"scorer.tree":        "árbol",

	"contest.name.model":       "el modelo",
	"contest.name.rules":       "las reglas",
	"contest.name.blend":       "la combinación",
	"contest.name.naive_bayes": "el Bayes ingenuo de golearn",
	"contest.name.tree":        "el árbol de decisión de golearn",
	"contest.name.quoted":      "«%s»",
	"contest.and":              "%s y %s",

	"contest.better":      "ordenar por %s es mejor que por %s",
	"contest.better_many": "%s; frente a lo más cercano, %s",
	"contest.by":          "%s: AUC %s frente a %s, una diferencia de %s (%s)",
	"contest.sure":        "%s; %s",
	"contest.corrected":   "%s, corregido por %s pares",
	"contest.level":       "%s; los datos no permiten distinguir entre %s y %s",
	"contest.gain":        "%s; entre los %s mejores leads la diferencia es de %s conversiones (%s)",
	"contest.money":       "%s, es decir, %s en dinero (%s)",
	"contest.cannot":      "Los datos no permiten decir qué ordena mejor: el AUC es %s con %s y %s con %s, una diferencia de %s (%s).",

	"contest.summary":          "%s: %s leads, %s convertidos (%s), modelo %s",
	"contest.caught":           "Logradas de %s",
	"contest.earned":           "Ganancia",
	"contest.shared":           "10 % mejor común",
	"contest.missing":          "%s leads no tienen valor en %s; allí quedan los últimos",
	"contest.differences":      "diferencias, el primero menos el segundo",
	"contest.differences_many": "diferencias, el primero menos el segundo; p está corregido por %s pares",
	"contest.some_pairs":       "%s (pares con el primero; --json los tiene todos)",
	"contest.up":               "más arriba con %s que con %s (puesto de %s)",
	"contest.down":             "más abajo con %s que con %s (puesto de %s)",
	"contest.mover":            "%s: %s, no %s; %s",
	"contest.converted":        "convertido",
	"contest.lost":             "no convertido",
}
