# The extension module itself; its file is what benchmarks.cut_disk loads.
