-- Which charges a tariff counts for, where that was decided at once: those made after one number, up to another. Times cannot tell, as the
-- clock may be set between a charge and a price.

-- The last charge when the tariff was made, to count from then on; NULL = it counts from valid_from on.
ALTER TABLE tariff ADD COLUMN after_charge INTEGER;

-- The last charge when it was ended at once; NULL = it ends at valid_until.
ALTER TABLE tariff ADD COLUMN last_charge INTEGER;
