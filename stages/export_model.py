"""Make a folder of a trained segmentation network that needs neither its data set nor params.yaml.

python stages/export_model.py --dataset mini --data data/mini --network results/mini/main/segmentation_network \
    --metrics val=results/mini/main/val_metrics.json --out results/mini/main/model

--metrics are those of its predictions, val=FILE, and of the masks that it was trained on, masks=FILE; --mask-quality is
what is known of these without true masks: they go onto the card, README.md.
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.data.prepared import PreparedDataset
from wsss.exported.card import segmentation_card
from wsss.exported.measured import longest_side, read_metrics, why_not_measured
from wsss.exported.model_folder import SegmentationModel, SegmentationParts, images_of, origin, write_model
from wsss.files import read_json
from wsss.models.segmentation_network import create_segmentation_network
from wsss.models.trained import open_trained
from wsss.product.record import read_record
from wsss.stage import main


def run(
    parameters: Parameters,
    *,
    variant: str,
    data: Path,
    network: Path,
    metrics: list[str] | None = None,
    mask_quality: Path | None = None,
    out: Path,
) -> None:
    """Write the model folder `out` (`wsss.exported.model_folder`)."""
    dataset, settings = PreparedDataset(data), parameters.segmentation
    trained = create_segmentation_network(settings, len(dataset.classes))
    open_trained(trained, network)  # refuses weights of another network
    model = SegmentationModel(
        format=1,
        makes="masks",
        classes=list(dataset.classes),
        network=SegmentationParts(backbone=settings.backbone, output_stride=settings.output_stride, head=settings.head),
        images=images_of(trained.backbone, longest_side(dataset)),
        inference=parameters.predict,
        origin=origin(parameters.dataset, variant, read_record(network)),
    )
    found = read_metrics(metrics, ("val", "masks"))
    quality = read_json(mask_quality) if mask_quality else None
    card = segmentation_card(model, found, quality, why_not_measured(dataset, found, "val", "predictions"))
    write_model(out, model, network, card)
    print(f"{out}: a network for {len(dataset.classes)} classes; its card is {out / 'README.md'}")


if __name__ == "__main__":
    main(run)
