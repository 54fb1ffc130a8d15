"""The scenes of the embedded data set `mini`."""
