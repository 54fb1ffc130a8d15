# Use the trained networks: folders of their own, ONNX, photos that belong to no data set.


use rule stage as export_model with:
    input:
        unpack(PLAN.asks("export_model")),
    output:
        directory("results/{dataset}/{variant}/model"),
    log:
        "logs/{dataset}/{variant}/export_model.log",


use rule stage as export_onnx with:
    input:
        unpack(PLAN.asks("export_onnx")),
    output:
        "results/{dataset}/{variant}/model.onnx",
    log:
        "logs/{dataset}/{variant}/export_onnx.log",


use rule stage as segment with:
    input:
        unpack(PLAN.asks("segment")),
    output:
        directory("results/{dataset}/{variant}/segmented/{photos}"),
    log:
        "logs/{dataset}/{variant}/segment_{photos}.log",


use rule stage as export_seed_model with:
    input:
        unpack(PLAN.asks("export_seed_model")),
    output:
        directory("results/{dataset}/{variant}/seed_model"),
    log:
        "logs/{dataset}/{variant}/export_seed_model.log",
