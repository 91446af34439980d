-- One role of the main database for each process, and no more of it than that process needs. The tables' owner, who runs
-- `manage.py setup`, runs this afterwards, at every release: psql --file deploy/database-roles.sql
-- It gives no passwords: see compose.yaml, which does, or ALTER ROLE ... PASSWORD.

DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['wellbeing_web', 'wellbeing_worker', 'wellbeing_upkeep'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', role);
        END IF;
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', role);
        EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM %I', role);
        EXECUTE format('REVOKE CREATE ON SCHEMA public FROM %I', role);
        EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', role);
    END LOOP;
END
$$;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- Pages: rows of every table, and no table.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO wellbeing_web;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO wellbeing_web;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM wellbeing_web;

-- Whoever decodes pictures: captures, whose they are, whether there is consent, and a sealed entry for the inbox, which
-- it cannot read again. Holding a row needs the right to change a column of it.
GRANT SELECT, UPDATE ON emotion_capture TO wellbeing_worker;
GRANT SELECT ON vault_vault, emotion_consent TO wellbeing_worker;
GRANT UPDATE (id) ON vault_vault, emotion_consent TO wellbeing_worker;
GRANT INSERT, SELECT (id, capture_id) ON vault_entry TO wellbeing_worker;

-- Upkeep: what is forgotten, too old, or made with a key that was exchanged. No lock of a vault, no session.
GRANT SELECT, UPDATE, DELETE ON emotion_capture TO wellbeing_upkeep;
GRANT SELECT, UPDATE ON vault_vault, emotion_consent, emotion_schedule, emotion_personalsettings, mfa_authenticator
    TO wellbeing_upkeep;
GRANT SELECT (id, timezone), UPDATE (timezone) ON accounts_user TO wellbeing_upkeep;
GRANT SELECT, DELETE ON vault_entry, vault_page, vault_manifest TO wellbeing_upkeep;
GRANT SELECT, INSERT, UPDATE, DELETE ON cache TO wellbeing_upkeep;
