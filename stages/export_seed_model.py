"""Make a folder of a trained seed network that needs neither its data set nor params.yaml.

python stages/export_seed_model.py --dataset mini --data data/mini --network results/mini/main/seed_network \
    --metrics seeds=results/mini/main/seed_metrics.json --out results/mini/main/seed_model

--metrics are those of its seeds, seeds=FILE, and --label-metrics how well it knows labels that were held out: they go
onto the card, README.md.
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.config.choices import MAPPINGS
from wsss.data.prepared import PreparedDataset
from wsss.exported.card import seed_card
from wsss.exported.measured import longest_side, read_metrics, why_not_measured
from wsss.exported.model_folder import SeedModel, SeedParts, images_of, origin, write_model
from wsss.files import read_json
from wsss.models.trained import open_trained
from wsss.product.record import read_record
from wsss.seed.create_network import create_seed_network
from wsss.stage import main


def run(
    parameters: Parameters,
    *,
    variant: str,
    data: Path,
    network: Path,
    metrics: list[str] | None = None,
    label_metrics: Path | None = None,
    out: Path,
) -> None:
    """Write the model folder `out` (`wsss.exported.model_folder`)."""
    dataset, settings = PreparedDataset(data), parameters.seed
    trained = create_seed_network(settings, len(dataset.classes))
    open_trained(trained, network)  # refuses weights of another network
    of_mapping = {key: getattr(settings, key) for key in MAPPINGS[settings.mapping].keys}
    model = SeedModel(
        format=1,
        makes="seeds",
        classes=list(dataset.classes),
        network=SeedParts(
            backbone=settings.backbone,
            output_stride=settings.output_stride,
            mapping=settings.mapping,
            background_logit=settings.background_logit,
            **of_mapping,
        ),
        images=images_of(trained.backbone, longest_side(dataset)),
        inference=parameters.extract,
        origin=origin(parameters.dataset, variant, read_record(network)),
    )
    found = read_metrics(metrics, ("seeds",))
    known = read_json(label_metrics) if label_metrics else None
    write_model(out, model, network, seed_card(model, found, known, why_not_measured(dataset, found, "seeds", "seeds")))
    print(f"{out}: a seed network for {len(dataset.classes)} classes; its card is {out / 'README.md'}")


if __name__ == "__main__":
    main(run)
