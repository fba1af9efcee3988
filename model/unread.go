package model

// Unread returns the columns of the schema that no prediction depends on: neither the pipeline nor the rules
// look at them, no stage requires them, and they are neither the id nor the as-of column. A
// file can be scored without parsing them (datasets.ReadOptions.Skip): ScoreBatch takes their cells as
// they come, of whatever kind.
func (s *Scorer) Unread() []string {
	var names []string
	for i, read := range s.reads {
		if !read {
			names = append(names, s.artifact.Schema.Fields[i].Name)
		}
	}
	return names
}

// readColumns tells which columns of the schema scoring looks at, and notes those of the rules.
func (s *Scorer) readColumns() []bool {
	fields := s.artifact.Schema.Fields
	reads := make([]bool, len(fields))
	for _, i := range s.source {
		if i >= 0 {
			reads[i] = true
		}
	}
	ruled := s.artifact.Rules.Reads()
	for i := range fields {
		if ruled(fields[i].Name) {
			s.ruled = append(s.ruled, i)
			reads[i] = true
		}
		reads[i] = reads[i] || i == s.id || i == s.asOf
	}
	for _, columns := range s.required {
		for _, i := range columns {
			reads[i] = true
		}
	}
	return reads
}
