"""The workspace on disk: safetensors, Parquet and JSON, written atomically, one folder a dataset."""
