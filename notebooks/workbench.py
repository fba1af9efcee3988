"""What the notebooks share: the leadscore binary, leads to learn from, and a way to run a command and see what it says.

Real leads stand in the folder that LEADSCORE_DATA names (see README.md of the notebooks). Without it the notebooks run on a
CRM history from `leadscore datasets generate`, and their text still holds, their figures do not.
"""
import atexit
import os
import pathlib
import shutil
import subprocess
import tempfile

TOP = next(p for p in [pathlib.Path.cwd().resolve(), *pathlib.Path.cwd().resolve().parents] if (p / "go.mod").exists())
DATA = os.environ.get("LEADSCORE_DATA")
WORK = pathlib.Path(tempfile.mkdtemp(prefix="leadscore-notebook-"))
atexit.register(shutil.rmtree, WORK, ignore_errors=True)

BINARY = WORK / "leadscore"
subprocess.run(["go", "build", "-o", BINARY, "./cmd/leadscore"], cwd=TOP, check=True)


def leadscore(*args, ends=0, quiet=False):
    """Runs leadscore in the working folder, shows the command and what it prints, and returns its standard output.

    It is an error when the command does not end with the exit code that is expected.
    """
    done = subprocess.run([BINARY, *map(str, args)], cwd=WORK, capture_output=True, text=True)
    if not quiet or done.returncode != ends:
        print(plain("$ leadscore " + " ".join(quoted(a) for a in args)))
        print(plain(done.stderr + done.stdout))
    if done.returncode != ends:
        raise RuntimeError(f"leadscore ended with {done.returncode}, not {ends}")
    return done.stdout


def quoted(arg):
    return f'"{arg}"' if " " in str(arg) else str(arg)


def plain(text):
    """The text without this machine's folders."""
    if DATA:
        text = text.replace(str(DATA).rstrip("/"), "$LEADSCORE_DATA")
    return text.replace(f"{TOP}/", "").replace(f"{WORK}/", "")


def write(name, text):
    """Writes a file of the working folder and shows it."""
    (WORK / name).write_text(text)
    print(f"# {name}\n{plain(text)}")


def generated():
    """A CRM history of 8,000 leads in the working folder's crm/, made once."""
    if not (WORK / "crm").exists():
        leadscore("datasets", "generate", "--leads", 8000, "--seed", 1, "--dir", "crm")
    return WORK / "crm"


def xeducation():
    """Configuration of the X Education leads without what sales fills in after contact, or of generated ones."""
    if not DATA:
        return crm("split: {by: random, holdout: 0.2, seed: 1}")
    return f"""\
version: 1
data:
  leads: {{path: "{DATA}/xeducation_leads.csv", id: Prospect ID}}
  null_values: ["", "Select"]
targets:
  converted: {{column: Converted, positive: [1]}}
split: {{by: random, holdout: 0.2, seed: 1}}
features:
  exclude: [Lead Number, Tags, Lead Quality, Lead Profile, Last Activity, Last Notable Activity, Asymmetrique Activity Index,
            Asymmetrique Profile Index, Asymmetrique Activity Score, Asymmetrique Profile Score]
"""


def olist():
    """Configuration of the Olist leads and their deals, won within 90 days of first contact, or of generated ones."""
    if not DATA:
        return crm("split: {by: time, holdout: 0.2}")
    return f"""\
version: 1
data:
  leads: {{path: "{DATA}/olist_mql.csv", id: mql_id, as_of: first_contact_date}}
  deals: {{path: "{DATA}/olist_closed_deals.csv", lead: mql_id, matched: won}}
targets:
  won: {{column: won, positive: ["true"], at: won_date, horizon: 90d}}
split: {{by: time, holdout: 0.2}}
"""


def crm(split):
    generated()
    return f"""\
version: 1
data:
  leads: {{path: crm/leads.csv, id: lead_id, as_of: created_at}}
  end: 2026-01-01
targets:
  won: {{column: status, positive: [closed_won], negative: [closed_lost], at: closed_at, horizon: 90d}}
{split}
features: {{exclude: [contract_value, mql_at, owner]}}
"""


def rules():
    """A rules file that fits the leads of xeducation()."""
    return TOP / ("notebooks/rules_xeducation.yaml" if DATA else "cmd/leadscore/internal/cli/demo/rules.yaml")
