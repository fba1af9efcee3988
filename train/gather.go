package train

import (
	"context"
	"errors"
	"strings"

	"leadscore/datasets"
)

// gather does what comes before anything is fitted: the leads are read and labelled, a row is made of each lead and as-of
// moment, attributes are what they were then, and the rows are split. What it returns of the leads' file is its report and
// the column of weights (nil: none); the table itself is let go of. Who asked closes d.log.
func gather(ctx context.Context, c *Config, step func(string, ...any)) (d *data, read *datasets.ReadReport, weight *datasets.Field, err error) {
	if err := errors.Join(c.sameColumns(), c.shareColumns()); err != nil {
		return nil, nil, nil, err
	}
	step("reading %s", strings.Join(append([]string{c.Leads.Path}, c.Leads.Paths...), ", "))
	table, found, err := c.readLeads(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	if c.Events != nil {
		step("reading events")
	}
	log, err := c.readEvents(ctx, table)
	if err != nil {
		return nil, nil, nil, err
	}
	if log != nil {
		c.EventMoments = log
		defer func() {
			if err != nil {
				err = errors.Join(err, log.close())
			}
		}()
	}
	if d, err = label(ctx, table, c); err != nil {
		return nil, nil, nil, err
	}
	if err := d.addChanges(ctx, c); err != nil {
		return nil, nil, nil, err
	}
	if err := d.openLog(log); err != nil {
		return nil, nil, nil, err
	}
	d.findings = append(found, d.findings...)
	if c.Leads.Weight != "" {
		weight = &table.Schema.Fields[table.Schema.Index(c.Leads.Weight)]
	}
	step("splitting %d leads", d.rows())
	if err := d.split(c.Split); err != nil {
		return nil, nil, nil, err
	}
	d.outside()
	return d, table.Report, weight, nil
}
