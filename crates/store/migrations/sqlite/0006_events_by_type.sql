-- Which entries of an organization's log are of a type. Revocations are left out: they are nearly
-- all of a long log, and each of them would pay for an entry here that tells little.
CREATE INDEX changes_by_type ON changes (org_id, event ->> 'type')
    WHERE org_id IS NOT NULL AND event ->> 'type' <> 'TOKEN_REVOKED';
