# Everything runs in .venv; each target installs it first if need be.
PYTHON ?= python3.11
export PATH := $(CURDIR)/.venv/bin:$(PATH)
INSTALLED := .venv/.installed
DATASET = $(shell sed -n 's/^dataset: *\([^ \#]*\).*/\1/p' params.yaml)

.PHONY: run test bench lint repro clean

run: $(INSTALLED) ## from nothing to the val mIoU of the embedded data set, and a report
	snakemake --cores all results/mini_val_miou.json figures
	@$(MAKE) --no-print-directory results/report.html
	@python -c "import json; r = json.load(open('results/mini_val_miou.json')); print(f\"val mIoU {r['miou']:.2f} on {r['images']} images: results/mini_val_miou.json, results/report.html, results/mini/figures/\")"

results/report.html: results/mini_val_miou.json
	snakemake --report $@ results/mini_val_miou.json figures > /dev/null

test: $(INSTALLED) ## the tests, on all cores
	pytest -n auto

bench: $(INSTALLED) ## speed and memory as ratios: results/benchmarks.md; on an idle machine, eight minutes
	python -m benchmarks

lint: $(INSTALLED)
	ruff check . && ruff format --check .
	mypy
	snakefmt --check Snakefile workflow/rules
	snakemake --lint

repro: $(INSTALLED) ## dvc repro, then stamp what DVC restored from its cache so that Snakemake agrees
	dvc repro
	snakemake --cores 1 --touch results/$(DATASET)_val_miou.json

clean: ## all results and prepared data
	rm -rf results data logs .snakemake

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	pip install --quiet --upgrade pip
	pip install --quiet -r requirements.lock
	pip install --quiet --no-deps --no-build-isolation -e .
	touch $@
