"""The real leads as frames: what was known before the outcome, the outcome, and the order in time."""

import pathlib

import numpy as np
import pandas as pd

# What sales fills in after the first contact: such columns know the outcome.
AFTER_CONTACT = [
    "Tags", "Lead Quality", "Lead Profile", "Last Activity", "Last Notable Activity",
    "Asymmetrique Activity Index", "Asymmetrique Profile Index", "Asymmetrique Activity Score", "Asymmetrique Profile Score",
]


def xeducation(folder, clean):
    leads = pd.read_csv(folder / "xeducation_leads.csv").sort_values("Lead Number", kind="stable")  # numbered as they came
    outcome = leads["Converted"].to_numpy()
    leads = leads.drop(columns=["Converted", "Prospect ID", "Lead Number"] + (AFTER_CONTACT if clean else []))
    return leads.replace("Select", np.nan), outcome


def olist(folder):
    leads = pd.read_csv(folder / "olist_mql.csv", parse_dates=["first_contact_date"]).sort_values("first_contact_date", kind="stable")
    outcome = leads["mql_id"].isin(pd.read_csv(folder / "olist_closed_deals.csv")["mql_id"]).astype(int).to_numpy()
    date = leads["first_contact_date"]
    return leads[["origin", "landing_page_id"]].assign(weekday=date.dt.dayofweek, day=(date - date.min()).dt.days), outcome


def numbers(leads):
    return list(leads.select_dtypes("number").columns)


def words(leads):
    return list(leads.select_dtypes(exclude="number").columns)


def named(leads):
    """The frame for programs that want a word in every cell."""
    leads = leads.copy()
    for column in words(leads):
        leads[column] = leads[column].astype(object).where(leads[column].notna(), "missing").astype(str).astype(object)
    return leads


def sets(folder):
    """Every data set in the order of time: name, frame with gaps, outcomes of 0 and 1."""
    folder = pathlib.Path(folder)
    yield "X Education, clean", *xeducation(folder, clean=True)
    yield "X Education, all columns", *xeducation(folder, clean=False)
    yield "Olist", *olist(folder)
