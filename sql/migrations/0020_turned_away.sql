-- The channels that turned the task's attempt away for a reason of their own, "account/one model/two" (lib/domain/channel/turned_away.h).
-- NULL = none has.
ALTER TABLE task ADD COLUMN turned_away TEXT;
