"""Writes the reference job: leads whose outcome follows a known logistic model.

    python reference.py [--width TIMES] ROWS leads.csv [leads.parquet]

Ten numeric columns (five normal, five gamma; the first three have one value in ten missing) and ten categorical
ones of 2 to 400 levels whose shares fall off like 1/rank^0.8. The order of the draws is part of the definition:
another order is other data, and the objective at λ = 1 (tables.OBJECTIVE) no longer holds. With a width the twenty columns are
there so many times, each time drawn anew.
"""

import argparse

import numpy as np
import pyarrow as pa
import pyarrow.parquet

LEVELS = (2, 2, 3, 5, 8, 12, 20, 40, 100, 400)
SEED = 7


def leads(rows, width=1):
    """The columns as Arrow keeps them, categories as codes: ten million rows take 1.4 GB."""
    draw = np.random.default_rng(SEED)
    columns = {"lead_id": pa.array(np.arange(rows))}
    logit = np.full(rows, -3.0)
    for time in range(width):
        draw_columns(draw, rows, columns, f"_{time}" if time else "", logit, 1 / np.sqrt(width))
    columns["converted"] = pa.array((draw.random(rows) < 1 / (1 + np.exp(-logit))).astype(int))
    return pa.table(columns)


def draw_columns(draw, rows, columns, suffix, logit, part):
    """Adds the twenty columns, and to the log-odds a share of what they say of the outcome."""
    for j in range(10):
        value = draw.normal(size=rows) if j % 2 == 0 else draw.gamma(1.5, 2, rows)
        sign = 1 if j % 2 == 0 else -1
        logit += part * 0.35 * sign * (value - value.mean()) / value.std()
        shown = value.round(4)
        if j < 3:  # the outcome knows the value, the file does not
            shown[draw.random(rows) < 0.1] = np.nan
        columns[f"num{j}{suffix}"] = pa.array(shown, from_pandas=True)
    for j, levels in enumerate(LEVELS):
        share = np.arange(1, levels + 1) ** -0.8
        code = draw.choice(levels, rows, p=share / share.sum())
        logit += part * draw.normal(0, 0.5, levels)[code]
        columns[f"cat{j}{suffix}"] = pa.DictionaryArray.from_arrays(code.astype(np.int32), [f"v{level}" for level in range(levels)])


if __name__ == "__main__":
    ask = argparse.ArgumentParser()
    ask.add_argument("--width", type=int, default=1)
    ask.add_argument("rows", type=int)
    ask.add_argument("paths", nargs="+")
    args = ask.parse_args()
    table = leads(args.rows, args.width)
    for path in args.paths:
        if path.endswith(".parquet"):
            pa.parquet.write_table(table, path, row_group_size=1 << 20)
        else:
            table.to_pandas().to_csv(path, index=False)
