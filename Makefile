# Everything runs in .venv; each target installs it first if need be, with the first Python on PATH that will do.
#   make run PYTHON=/path/to/python3.12                  another Python
#   make run PIP_OPTIONS="--extra-index-url ..."         options for pip, such as an index with a torch without CUDA
export PATH := $(CURDIR)/.venv/bin:$(PATH)
DATASET = $(shell sed -n 's/^dataset: *\([^ \#]*\).*/\1/p' params.yaml)

.PHONY: install run test test-fast test-full bench lint repro watch pull accept space clean

install: ## .venv with what requirements.lock names; nothing to do where that is done
	@workflow/scripts/install

# a line for each finished stage, also where there is no terminal
run repro: export WSSS_LINES = 1
run: install ## from nothing to the val mIoU of the embedded data set, and a report
	snakemake --cores all results/mini_val_miou.json results/mini/provenance.md results/mini/page figures
	@$(MAKE) --no-print-directory results/report.html
	@python -c "import json; r = json.load(open('results/mini_val_miou.json')); print(f\"val mIoU {r['miou']:.2f} on {r['images']} images: results/mini_val_miou.json, results/mini/page/index.html, results/report.html, results/mini/figures/\")"

results/report.html: results/mini_val_miou.json
	snakemake --report $@ results/mini_val_miou.json results/mini/provenance.md figures > /dev/null

test: install ## the tests, on all cores
	pytest -n auto -m "not full"

test-full: install ## what `make test` leaves out: full-size networks, every setting of the paper, many draws
	pytest -n auto -m full

test-fast: install ## those that take seconds: in at most two minutes on two cores
	pytest -n auto -m "not slow"

bench: install ## speed and memory as ratios: results/benchmarks.md; on an idle machine, a quarter of an hour
	python -m benchmarks

lint: install
	ruff check . && ruff format --check .
	mypy
	snakefmt --check Snakefile workflow/rules
	snakemake --lint

repro: install ## look at the data set's own folder, and then dvc repro
	snakemake --dry-run --quiet all
	dvc repro

watch: install ## follow what the running stages write to their logs
	@python workflow/scripts/watch.py

pull: install ## what `dvc push` has sent elsewhere: results and records, held against params.yaml
	dvc pull
	snakemake --dry-run | tail -n 1

accept: install ## take products of older code as what the present code would make: PRODUCTS="results/...", or all
	@python workflow/scripts/accept_code.py $(PRODUCTS)

space: install ## what each variant takes on disk, and what of it nothing needs; PRUNE=1 deletes that
	@python workflow/scripts/space.py $(if $(PRUNE),--prune)

clean: ## all results and prepared data
	rm -rf results data logs .snakemake
