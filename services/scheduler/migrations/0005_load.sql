-- The load page counts the windows that were missed in the last days; few rows are in it, so it costs nothing to keep.
CREATE INDEX callback_missed ON callback (deadline)
    WHERE first_tried_at > deadline OR explanation = 'window_missed';

-- After a long halt more is due than one pass can release: the most urgent are found without sorting all of it.
CREATE INDEX permit_urgent ON permit (urgency) WHERE state = 'pending';
