//nolint:misspell // The titles are in four languages.
package features

const (
	sales       = "sales"
	marketing   = "marketing"
	engineering = "engineering/it"
	finance     = "finance"
	people      = "hr"
	operations  = "operations"
	legal       = "legal"
	procurement = "procurement"
	product     = "product"
	support     = "customer service"
	executive   = departmentExecutive
)

// titleWords is titleEntries, looked up.
var titleWords = titleTable(titleEntries[:])

// titleEntries is what single words and phrases say. A phrase says what its words together mean, and
// hides what they mean alone: an account executive is no executive.
var titleEntries = [...]titleEntry{
	{titleWord{seniorityOwner, executive}, `owner, co owner, business owner, founder, co founder, cofounder, founding partner, entrepreneur, proprietor, partner, managing partner,
		inhaber, inhaberin, grunder, grunderin, mitgrunder, gesellschafter, unternehmer, unternehmerin,
		propietario, propietaria, dueno, duena, fundador, fundadora, cofundador, cofundadora, socio, socia, emprendedor, empresario, empresaria,
		proprietaire, fondateur, fondatrice, cofondateur, cofondatrice, co fondateur, associe, gerant, gerante`},
	{titleWord{seniorityC, executive}, `ceo, chief executive, chief executive officer, president, presidente, presidenta, chairman, chairwoman, chairperson, chair, managing director, md,
		executive director, general director, geschaftsfuhrer, geschaftsfuhrerin, geschaftsfuhrender, vorstand, vorstandsvorsitzender, geschaftsleitung,
		director general, directora general, consejero delegado, consejera delegada, pdg, president directeur general, directeur general, directrice generale, dg`},
	{titleWord{seniorityC, marketing}, `cmo, chief marketing officer, marketingvorstand`},
	{titleWord{seniorityC, sales}, `cro, chief revenue officer, chief sales officer, cso, chief commercial officer, cco, chief growth officer`},
	{titleWord{seniorityC, engineering}, `cto, cio, ciso, cdo, chief technology officer, chief technical officer, chief information officer, chief data officer, chief digital officer, chief information security officer`},
	{titleWord{seniorityC, finance}, `cfo, chief financial officer, chief finance officer, finanzvorstand`},
	{titleWord{seniorityC, operations}, `coo, chief operating officer, chief operations officer`},
	{titleWord{seniorityC, people}, `chro, chief human resources officer, chief people officer, personalvorstand`},
	{titleWord{seniorityC, legal}, `clo, chief legal officer, general counsel`},
	{titleWord{seniorityC, procurement}, `chief procurement officer`},
	{titleWord{seniorityC, product}, `cpo, chief product officer`},
	{titleWord{seniorityC, support}, `chief customer officer`},
	{titleWord{seniorityC, ""}, `chief`},

	{titleWord{seniorityVP, ""}, `vp, svp, evp, avp, v p, vice president, vice presidente, vicepresidente, vicepresidenta, vizeprasident, vice presidente ejecutivo, senior vice president, executive vice president, vice president executif`},

	{titleWord{seniorityDirector, ""}, `director, directora, directeur, directrice, direktor, direktorin, dir, head, head of, leiter, leiterin, bereichsleiter, bereichsleiterin, global head,
		chief of staff, general manager, gerente general, gm, responsable de area, jefe de departamento, principal director, group director, associate director, leitung`},
	{titleWord{seniorityDirector, sales}, `vertriebsleiter, vertriebsleiterin, verkaufsleiter, verkaufsleiterin, director comercial, directora comercial, directeur commercial, directrice commerciale`},

	{titleWord{seniorityManager, ""}, `manager, managerin, mgr, supervisor, supervisora, team lead, team leader, teamlead, lead, leader, gerente, jefe, jefa, encargado, encargada, responsable, coordinador general,
		chef, chef de, cheffe, superviseur, abteilungsleiter, abteilungsleiterin, teamleiter, teamleiterin, projektleiter, projektleiterin, gruppenleiter, foreman, superintendent, administrator, dean, principal, officer in charge`},
	{titleWord{seniorityManager, product}, `product manager, produktmanager, produktmanagerin, jefe de producto, chef de produit, product lead`},

	{titleWord{senioritySenior, ""}, `senior, sr, snr, staff engineer, expert, experte, experto, experta, specialist lead, lead engineer, lead developer, principal engineer, principal consultant, distinguished, fellow, erfahrener, confirme`},
	{titleWord{seniorityJunior, ""}, `junior, jr, jnr, entry level, graduate, debutant, berufseinsteiger, entry`},
	{titleWord{seniorityStudent, ""}, `student, studentin, estudiante, etudiant, etudiante, intern, internship, trainee, apprentice, working student, werkstudent, werkstudentin, praktikant, praktikantin, azubi, auszubildender, auszubildende,
		becario, becaria, practicante, pasante, aprendiz, stagiaire, alternant, alternante, apprenti, apprentie, phd student, undergraduate, schuler, pupil, doctorand, doktorand`},

	{titleWord{seniorityStaff, sales}, `account executive, account manager, key account manager, sales executive, sales representative, sales rep, sales associate, sdr, bdr, sales development representative, business development representative,
		salesman, salesperson, seller, vendedor, vendedora, vendeur, vendeuse, verkaufer, verkauferin, comercial, commercial, ejecutivo de ventas, ejecutiva de ventas, ejecutivo de cuentas, ejecutiva de cuentas, representante de ventas, sales agent, dealer, broker, realtor, agent, trader`},
	{titleWord{seniorityStaff, marketing}, `marketer, copywriter, content writer, community manager, social media manager, marketing executive, marketing coordinator, brand ambassador, publicist, growth hacker`},
	{titleWord{seniorityStaff, engineering}, `engineer, developer, programmer, software engineer, data scientist, data engineer, devops, sysadmin, system administrator, systems administrator, network administrator, database administrator, architect, scrum master, tester, webmaster, entwickler, entwicklerin, ingenieur, ingenieurin, informatiker, informatikerin, programador, programadora, desarrollador, desarrolladora, ingeniero, ingeniera, informatico, developpeur, developpeuse, ingenieure, informaticien, technician, technicien, tecnico, techniker, technikerin, analyst programmer`},
	{titleWord{seniorityStaff, finance}, `accountant, bookkeeper, auditor, auditora, controller, controllerin, treasurer, contador, contadora, contable, comptable, buchhalter, buchhalterin, steuerberater, financial analyst, banker, actuary, economist, underwriter, credit analyst, teller, cashier`},
	{titleWord{seniorityStaff, people}, `recruiter, recruiterin, talent acquisition, hr generalist, personalreferent, personalreferentin, reclutador, reclutadora, recruteur, recruteuse, hr business partner, human resources business partner`},
	{titleWord{seniorityStaff, legal}, `lawyer, attorney, counsel, paralegal, solicitor, barrister, jurist, juristin, rechtsanwalt, rechtsanwaltin, anwalt, abogado, abogada, avocat, avocate, juriste, notary, notar, compliance officer, judge`},
	{titleWord{seniorityStaff, procurement}, `buyer, purchaser, einkaufer, einkauferin, comprador, compradora, acheteur, acheteuse, purchasing agent`},
	{titleWord{seniorityStaff, product}, `product owner, business analyst, designer, ux designer, ui designer, disenador, disenadora, gestalter`},
	{titleWord{seniorityStaff, support}, `customer success manager, csm, customer service representative, support agent, help desk, call center, client services`},
	{titleWord{seniorityStaff, operations}, `operator, operario, operaria, driver, warehouse worker, clerk, dispatcher, planner, fahrer, chofer, conductor, conducteur, foreperson`},
	{titleWord{seniorityStaff, executive}, `executive assistant, assistant to the ceo, assistant to the president, personal assistant, secretary, secretaria, sekretarin, secretaire, assistentin der geschaftsfuhrung, assistant to, pa to, ea to`},
	{titleWord{seniorityStaff, ""}, `analyst, analista, analyste, analystin, consultant, consultora, consultor, berater, beraterin, conseiller, conseillere, specialist, spezialist, spezialistin, especialista, specialiste, coordinator, coordinador, coordinadora, coordinateur, coordinatrice, koordinator, koordinatorin,
		assistant, assistente, assistentin, asistente, auxiliar, associate, officer, representative, rep, advisor, adviser, asesor, asesora, administrative, administrativo, administrativa, administratif, sachbearbeiter, sachbearbeiterin, referent, referentin, mitarbeiter, mitarbeiterin, employee, empleado, empleada, employe, employee de, angestellter, angestellte, executive, ejecutivo, ejecutiva, charge, chargee, charge de, chargee de,
		teacher, profesor, profesora, professeur, lehrer, lehrerin, professor, lecturer, nurse, doctor, physician, medico, medica, arzt, arztin, medecin, infirmier, infirmiere, enfermero, enfermera, researcher, scientist, investigador, chercheur, writer, editor, journalist, freelancer, freelance, contractor, mechanic, electrician, worker, obrero, ouvrier`},

	{titleWord{"", sales}, `sales, business development, ventas, vente, ventes, vertrieb, verkauf, account, accounts, key account, revenue, partnerships, channel, commerciale, biz dev, bizdev`},
	{titleWord{"", marketing}, `marketing, brand, branding, content, seo, sem, communications, communication, comunicacion, kommunikation, public relations, pr, advertising, publicidad, publicite, werbung, media, social media, demand generation, growth, digital, mercadotecnia, mercadeo, crm, events`},
	{titleWord{"", engineering}, `engineering, it, information technology, technology, technical, software, data, systems, system, network, infrastructure, security, cloud, web, ingenieria, tecnologia, sistemas, informatica, informatique, technik, edv, entwicklung, technique, desarrollo, developpement, r d, research, qa, quality assurance, machine learning, ai`},
	{titleWord{"", finance}, `finance, financial, finanzen, finanzas, finances, financiero, financiera, financier, accounting, accounts payable, accounts receivable, controlling, treasury, tax, audit, contabilidad, comptabilite, buchhaltung, payroll, billing, investment, investor, banking, risk, daf`},
	{titleWord{"", people}, `hr, human resources, people, talent, recruiting, recruitment, personal, personalwesen, recursos humanos, rrhh, ressources humaines, rh, drh, training, learning, learning and development, compensation, benefits`},
	{titleWord{"", operations}, `operations, ops, operaciones, logistics, logistica, logistik, logistique, production, produccion, produktion, manufacturing, supply chain, plant, warehouse, facilities, maintenance, mantenimiento, quality, calidad, qualitat, qualite, project, projects, proyectos, projekt, projet, process, office, site, fleet, construction`},
	{titleWord{"", legal}, `legal, law, compliance, recht, juridique, juridico, juridica, privacy, regulatory`},
	{titleWord{"", procurement}, `procurement, purchasing, einkauf, compras, achats, achat, sourcing, category management`},
	{titleWord{"", product}, `product, produkt, producto, produit, ux, ui, design, diseno`},
	{titleWord{"", support}, `customer service, customer support, customer success, customer experience, customer care, support, kundenservice, kundendienst, servicio al cliente, atencion al cliente, service client, client success, helpdesk`},
	{titleWord{"", executive}, `board, executive office, direccion general, direction generale, strategy, estrategia, strategie`},

	// Phrases that would otherwise be read word by word and wrongly.
	{titleWord{seniorityManager, sales}, `sales manager, gerente de ventas, jefe de ventas, jefa de ventas, responsable des ventes, business development manager, regional sales manager`},
	{titleWord{seniorityManager, support}, `customer service manager, customer support manager, support manager`},
	{titleWord{seniorityManager, people}, `people manager`},
}

// titleStems are the beginnings of compounds, and what department they name.
var titleStems = [...]struct{ text, department string }{
	{"vertriebs", sales}, {"verkaufs", sales}, {"marketing", marketing}, {"kommunikations", marketing}, {"werbe", marketing}, {"entwicklungs", engineering},
	{"software", engineering}, {"technik", engineering}, {"system", engineering}, {"netzwerk", engineering}, {"informati", engineering}, {"finanz", finance}, {"rechnungs", finance},
	{"buchhaltungs", finance}, {"steuer", finance}, {"personal", people}, {"ausbildungs", people}, {"betriebs", operations}, {"produktions", operations},
	{"logistik", operations}, {"werks", operations}, {"projekt", operations}, {"qualitats", operations}, {"lager", operations}, {"rechts", legal}, {"einkaufs", procurement},
	{"beschaffungs", procurement}, {"produkt", product}, {"kunden", support}, {"service", support},
}

// titleEnds are the ends of compounds, and what seniority they mean; the first that fits counts.
var titleEnds = [...]struct{ text, seniority string }{
	{"geschaftsfuhrer", seniorityC}, {"geschaftsfuhrerin", seniorityC}, {"vorstand", seniorityC}, {"direktor", seniorityDirector}, {"direktorin", seniorityDirector},
	{"teamleiter", seniorityManager}, {"projektleiter", seniorityManager}, {"leiter", seniorityDirector}, {"leiterin", seniorityDirector}, {"leitung", seniorityDirector},
	{"manager", seniorityManager}, {"managerin", seniorityManager}, {"chef", seniorityManager}, {"student", seniorityStudent}, {"studentin", seniorityStudent}, {"praktikant", seniorityStudent}, {"praktikantin", seniorityStudent},
	{"entwickler", seniorityStaff}, {"entwicklerin", seniorityStaff}, {"ingenieur", seniorityStaff}, {"ingenieurin", seniorityStaff}, {"berater", seniorityStaff}, {"beraterin", seniorityStaff},
	{"referent", seniorityStaff}, {"referentin", seniorityStaff}, {"mitarbeiter", seniorityStaff}, {"mitarbeiterin", seniorityStaff}, {"kaufmann", seniorityStaff}, {"kauffrau", seniorityStaff},
	{"administrator", seniorityStaff}, {"techniker", seniorityStaff}, {"technikerin", seniorityStaff},
}
