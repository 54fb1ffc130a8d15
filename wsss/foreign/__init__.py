"""Seeds and masks in the files of other methods: read and checked, and written."""
