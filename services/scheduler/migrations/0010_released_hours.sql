-- Calls released in each hour by skill. Each pass asks how many there were: to count permits costs the more the more have gone.
-- A process of before this revision does not count here: what it releases while it is replaced is not seen by the others.
CREATE TABLE released_hour (
    skill text NOT NULL,
    hour  timestamptz NOT NULL,
    calls int NOT NULL,
    PRIMARY KEY (skill, hour)
);
INSERT INTO released_hour (skill, hour, calls)
SELECT skill, date_trunc('hour', released_at, 'UTC'), count(*) FROM permit
WHERE channel = 'phone' AND released_at >= (SELECT max(released_at) FROM permit) - interval '1 day' GROUP BY 1, 2;
