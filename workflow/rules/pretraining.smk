# Pretraining of the tiny networks, in ImageNet's part. Its product is kept in git (weights/): `make pretrained`.


rule export_backbone:
    input:
        network=lambda w: EXPERIMENTS.product(
            "train_seed", "closeups", f"backbone={w.backbone}"
        ),
    output:
        "results/pretrained/{backbone}.safetensors",
    log:
        "logs/pretrained/{backbone}.log",
    conda:
        "../envs/wsss.yaml"
    threads: 1
    resources:
        mem_mb=1000,
    shell:
        "python stages/export_backbone.py --dataset closeups --variant backbone={wildcards.backbone}"
        " --network {input.network} --out {output} 2> {log}"
