-- What stands on a receipt, so that one that is printed after a power cut says the same as the first.
ALTER TABLE submission ADD COLUMN said BLOB NOT NULL DEFAULT x'';
