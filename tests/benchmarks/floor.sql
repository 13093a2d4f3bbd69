-- The shortest SQL that could do a round's work: the same tables, indexes, foreign keys and
-- commits, and none of the questions a round asks. One statement each, named above it.

-- name: asked
SELECT id FROM respondent

-- name: obligations
INSERT INTO obligation (deliverable_id, respondent_id, respondent_class, period, opened_at,
                        scheduled_due, due, state, asked, received, lock_on, lock_at)
SELECT :deliverable, r.id, u.unit_class, 'once', :now,
       :due, :due, '待报', 1, 0, :lock_on, :lock_at
FROM respondent r CROSS JOIN unit u
WHERE u.id = r.unit_id AND r.id BETWEEN :first AND :last
AND u.unit_class IN (SELECT unit_class FROM deliverable_target WHERE deliverable_id = :deliverable)

-- name: tally
INSERT INTO tally (deliverable_id, period, respondent_class,
                   owed, received, on_time, accepted, missed, exempt)
SELECT deliverable_id, period, respondent_class, count(*), 0, 0, 0, 0, 0 FROM obligation
WHERE deliverable_id = :deliverable AND respondent_id BETWEEN :first AND :last
GROUP BY deliverable_id, period, respondent_class
ON CONFLICT (deliverable_id, period, respondent_class)
DO UPDATE SET owed = tally.owed + excluded.owed

-- name: deadlines
INSERT INTO deadline (obligation_id, campaign_id, respondent_id, ladder_id, due, opened_on,
                      armed_on, epoch, start_rung, told, next_rung, next_repeat, next_at, clock)
SELECT id, :campaign, respondent_id, :ladder, :due, :today, :today, 0, 0, -1, 0, 0, :next_at, '计时'
FROM obligation WHERE deliverable_id = :deliverable AND respondent_id BETWEEN :first AND :last

-- name: opened
UPDATE deliverable SET next_open_on = NULL WHERE id = :deliverable

-- name: round
INSERT INTO round (id, day, at) VALUES (:round, :today, :now)

-- name: probe
SELECT id FROM deadline WHERE next_at <= :now LIMIT 1

-- name: due
SELECT id FROM deadline WHERE next_at <= :now

-- name: fires
INSERT INTO rung_fire (deadline_id, epoch, rung, repeat, from_rung, fired, due, planned_on,
                       decided_at, round_id)
SELECT id, epoch, 0, 0, 0, 'sent', due, :today, :now, :round
FROM deadline WHERE next_at <= :now AND id BETWEEN :first AND :last

-- name: climbed
UPDATE deadline SET told = 0, next_rung = 1, next_at = :next_at
WHERE next_at <= :now AND id BETWEEN :first AND :last

-- name: fired
SELECT id FROM rung_fire WHERE round_id = :round

-- name: items
INSERT INTO message_item (key, person_id, post_id, kind, at, campaign_id, rung_fire_id,
                          deadline_id, obligation_id, epoch, due, why)
SELECT 'rung:' || f.id || ':' || p.person_id, p.person_id, p.id, 'rung', :now, d.campaign_id, f.id,
       d.id, d.obligation_id, f.epoch, f.due, ''
FROM rung_fire f JOIN deadline d ON d.id = f.deadline_id
JOIN respondent r ON r.id = d.respondent_id
JOIN post p ON p.unit_id = r.unit_id AND p.role = '联络员'
WHERE f.round_id = :round AND f.id BETWEEN :first AND :last

-- name: told
SELECT DISTINCT person_id FROM message_item WHERE message_id IS NULL

-- name: messages
INSERT INTO message (key, kind, person_id, round_id, state, created_at, leaves_at, attempts)
SELECT DISTINCT 'digest:' || :round || ':' || person_id, 'digest', person_id, :round, 'draft',
       :now, :now, 0
FROM message_item WHERE message_id IS NULL AND person_id BETWEEN :first AND :last

-- name: grouped
UPDATE message_item SET message_id = (SELECT id FROM message m
                                      WHERE m.round_id = :round
                                      AND m.person_id = message_item.person_id)
WHERE message_id IS NULL AND person_id BETWEEN :first AND :last

-- name: sealed
UPDATE round SET sealed_at = :now WHERE id = :round

-- name: ready
UPDATE message SET state = 'ready' WHERE round_id = :round AND state = 'draft'

-- name: counts
SELECT d.stage_id, sum(owed), sum(received), sum(on_time), sum(accepted), sum(missed), sum(exempt)
FROM tally t JOIN deliverable d ON d.id = t.deliverable_id
WHERE d.campaign_id = :campaign GROUP BY d.stage_id
