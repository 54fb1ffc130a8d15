"""The paper's tables, claims and figures (workflow/tables.yaml) with our numbers."""
