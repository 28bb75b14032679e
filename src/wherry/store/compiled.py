"""SQL text, written by ``python -m wherry.store.generate``. Change `wherry.store.statements`, not this."""

from __future__ import annotations

from typing import Final

from wherry.store.statement import Statement

ARTIFACTS_INSERT: Final = Statement(
    sqlite="INSERT INTO artifacts (id, namespace, created_by, type, schema_version, name, uri, metadata, created_at, size, mtime, digest) VALUES (:id, :namespace, :created_by, :type, :schema_version, :name, :uri, :metadata, :created_at, :size, :mtime, :digest)",
)

ARTIFACTS_SELECT: Final = Statement(
    sqlite="SELECT artifacts.id, artifacts.namespace, artifacts.type, artifacts.schema_version, artifacts.name, artifacts.uri, artifacts.metadata, artifacts.created_at, artifacts.size, artifacts.mtime, artifacts.digest FROM artifacts WHERE artifacts.id IN (SELECT value FROM json_each(:ids))",
)

ARTIFACTS_SELECT_BY_PREFIX: Final = Statement(
    sqlite="SELECT artifacts.id, artifacts.namespace, artifacts.type, artifacts.schema_version, artifacts.name, artifacts.uri, artifacts.metadata, artifacts.created_at, artifacts.size, artifacts.mtime, artifacts.digest FROM artifacts WHERE artifacts.id >= :prefix AND artifacts.id < :beyond ORDER BY artifacts.id LIMIT :limit",
)

ARTIFACTS_SET_DIGEST: Final = Statement(
    sqlite="UPDATE artifacts SET digest=:digest WHERE artifacts.id = :where_id AND artifacts.digest IS NULL",
)

ARTIFACTS_INSERT_LINK: Final = Statement(
    sqlite="INSERT OR IGNORE INTO artifact_tasks (artifact_id, run_id, generation, task, kind, port, position, producer_task, producer_port) VALUES (:artifact_id, :run_id, :generation, :task, :kind, :port, :position, :producer_task, :producer_port)",
)

ARTIFACTS_LIST_LINKS: Final = Statement(
    sqlite="SELECT artifact_tasks.artifact_id, artifact_tasks.run_id, artifact_tasks.generation, artifact_tasks.task, artifact_tasks.kind, artifact_tasks.port, artifact_tasks.position, artifact_tasks.producer_task, artifact_tasks.producer_port FROM artifact_tasks WHERE artifact_tasks.run_id = :where_run_id AND artifact_tasks.generation = :where_generation ORDER BY artifact_tasks.n",
)

ARTIFACTS_SELECT_LINKS: Final = Statement(
    sqlite='SELECT artifact_tasks.artifact_id, artifact_tasks.run_id, artifact_tasks.generation, artifact_tasks.task, artifact_tasks.kind, artifact_tasks.port, artifact_tasks.position, artifact_tasks.producer_task, artifact_tasks.producer_port, artifact_tasks.n, tasks.id, producers.id AS id_1 FROM artifact_tasks LEFT OUTER JOIN tasks ON tasks.run_id = artifact_tasks.run_id AND tasks.generation = artifact_tasks.generation AND tasks."key" = artifact_tasks.task LEFT OUTER JOIN tasks AS producers ON producers.run_id = artifact_tasks.run_id AND producers.generation = artifact_tasks.generation AND producers."key" = artifact_tasks.producer_task WHERE artifact_tasks.n IN (SELECT value FROM json_each(:ids))',
)

CACHE_INSERT: Final = Statement(
    sqlite="INSERT INTO cache_entries (namespace, base_key, fingerprint, component, pipeline, run_id, generation, task, attempt_id, created_at, artifact_inputs, outputs, fingerprint_parts) VALUES (:namespace, :base_key, :fingerprint, :component, :pipeline, :run_id, :generation, :task, :attempt_id, :created_at, :artifact_inputs, :outputs, :fingerprint_parts)",
)

CACHE_FIND: Final = Statement(
    sqlite="SELECT cache_entries.namespace, cache_entries.base_key, cache_entries.fingerprint, cache_entries.component, cache_entries.run_id, cache_entries.generation, cache_entries.task, cache_entries.attempt_id, cache_entries.created_at, cache_entries.artifact_inputs, cache_entries.outputs, cache_entries.fingerprint_parts FROM cache_entries WHERE cache_entries.namespace = :where_namespace AND cache_entries.base_key = :where_base_key ORDER BY cache_entries.n DESC LIMIT :limit",
)

CACHE_NEAREST: Final = Statement(
    sqlite="SELECT cache_entries.namespace, cache_entries.base_key, cache_entries.fingerprint, cache_entries.component, cache_entries.run_id, cache_entries.generation, cache_entries.task, cache_entries.attempt_id, cache_entries.created_at, cache_entries.artifact_inputs, cache_entries.outputs, cache_entries.fingerprint_parts FROM cache_entries WHERE cache_entries.namespace = :where_namespace AND cache_entries.pipeline = :where_pipeline AND cache_entries.component = :where_component ORDER BY cache_entries.n DESC LIMIT 1",
)

EXPERIMENTS_INSERT: Final = Statement(
    sqlite="INSERT INTO experiments (id, namespace, created_by, display_name, description, storage_state, created_at, last_run_created_at) VALUES (:id, :namespace, :created_by, :display_name, :description, :storage_state, :created_at, :last_run_created_at)",
)

EXPERIMENTS_SELECT: Final = Statement(
    sqlite="SELECT experiments.id, experiments.namespace, experiments.created_by, experiments.display_name, experiments.description, experiments.storage_state, experiments.created_at, experiments.last_run_created_at FROM experiments WHERE experiments.id = :where_id",
)

EXPERIMENTS_SELECT_MANY: Final = Statement(
    sqlite="SELECT experiments.id, experiments.namespace, experiments.created_by, experiments.display_name, experiments.description, experiments.storage_state, experiments.created_at, experiments.last_run_created_at FROM experiments WHERE experiments.id IN (SELECT value FROM json_each(:ids))",
)

EXPERIMENTS_SELECT_BY_NAME: Final = Statement(
    sqlite="SELECT experiments.id, experiments.namespace, experiments.created_by, experiments.display_name, experiments.description, experiments.storage_state, experiments.created_at, experiments.last_run_created_at FROM experiments WHERE experiments.namespace = :where_namespace AND experiments.display_name = :where_display_name",
)

EXPERIMENTS_SET_STORAGE_STATE: Final = Statement(
    sqlite="UPDATE experiments SET storage_state=:storage_state WHERE experiments.id = :where_id",
)

EXPERIMENTS_RUN_CREATED: Final = Statement(
    sqlite="UPDATE experiments SET last_run_created_at=:created_at WHERE experiments.id = :where_id AND experiments.last_run_created_at < :created_at",
)

EXPERIMENTS_DELETE: Final = Statement(
    sqlite="DELETE FROM experiments WHERE experiments.id = :where_id",
)

HISTORY_INSERT_EVENT: Final = Statement(
    sqlite="INSERT INTO run_events (run_id, seq, at, kind, task, body) VALUES (:run_id, :seq, :at, :kind, :task, :body)",
)

HISTORY_LAST_SEQ: Final = Statement(
    sqlite="SELECT coalesce(max(run_events.seq), 0) AS coalesce_1 FROM run_events WHERE run_events.run_id = :where_run_id",
)

HISTORY_LIST_EVENTS: Final = Statement(
    sqlite="SELECT run_events.run_id, run_events.seq, run_events.at, run_events.kind, run_events.task, run_events.body FROM run_events WHERE run_events.run_id = :where_run_id AND run_events.seq > :after ORDER BY run_events.seq LIMIT :limit",
)

HISTORY_LIST_EVENTS_OF_RUNS: Final = Statement(
    sqlite="SELECT run_events.run_id, run_events.seq, run_events.at, run_events.kind, run_events.task, run_events.body FROM run_events WHERE run_events.run_id IN (SELECT value FROM json_each(:ids)) AND run_events.task IS NULL ORDER BY run_events.run_id, run_events.seq",
)

HISTORY_INSERT_REQUEST: Final = Statement(
    sqlite='INSERT INTO run_requests (run_id, kind, "by", at) VALUES (:run_id, :kind, :by, :at)',
)

HISTORY_PENDING_REQUESTS: Final = Statement(
    sqlite='SELECT run_requests.id, run_requests.run_id, run_requests.kind, run_requests."by", run_requests.at FROM run_requests WHERE run_requests.run_id IN (SELECT value FROM json_each(:ids)) AND run_requests.handled_at IS NULL ORDER BY run_requests.id',
)

HISTORY_HANDLE_REQUEST: Final = Statement(
    sqlite="UPDATE run_requests SET handled_at=CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000 WHERE run_requests.id = :where_id AND run_requests.run_id = :where_run_id AND run_requests.handled_at IS NULL",
)

HISTORY_DROP_REQUESTS: Final = Statement(
    sqlite="UPDATE run_requests SET handled_at=CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000 WHERE run_requests.run_id = :where_run_id AND run_requests.handled_at IS NULL",
)

HISTORY_INSERT_AUDIT: Final = Statement(
    sqlite="INSERT INTO audit (at, who, action, namespace, object_kind, object_id, detail) VALUES (:at, :who, :action, :namespace, :object_kind, :object_id, :detail)",
)

LINEAGE_UPSTREAM: Final = Statement(
    sqlite="WITH RECURSIVE walk(artifact_id) AS (SELECT :id AS artifact_id UNION SELECT readings.artifact_id AS artifact_id FROM walk JOIN artifact_tasks AS made ON made.artifact_id = walk.artifact_id JOIN artifact_tasks AS readings ON readings.run_id = made.run_id AND readings.generation = made.generation AND readings.task = made.task AND readings.kind = 'INPUT' JOIN attempts AS attempt ON attempt.run_id = made.run_id AND attempt.generation = made.generation AND attempt.task = made.task AND attempt.state = 'SUCCEEDED' WHERE made.kind = 'OUTPUT') SELECT walk.artifact_id FROM walk",
)

LINEAGE_DOWNSTREAM: Final = Statement(
    sqlite="WITH RECURSIVE walk(artifact_id) AS (SELECT :id AS artifact_id UNION SELECT made.artifact_id AS artifact_id FROM walk JOIN artifact_tasks AS readings ON readings.artifact_id = walk.artifact_id JOIN artifact_tasks AS made ON readings.run_id = made.run_id AND readings.generation = made.generation AND readings.task = made.task AND readings.kind = 'INPUT' JOIN attempts AS attempt ON attempt.run_id = made.run_id AND attempt.generation = made.generation AND attempt.task = made.task AND attempt.state = 'SUCCEEDED' WHERE made.kind = 'OUTPUT') SELECT walk.artifact_id FROM walk",
)

LINEAGE_UPSTREAM_WITHIN: Final = Statement(
    sqlite="WITH RECURSIVE walk(artifact_id, hops) AS (SELECT :id AS artifact_id, 0 AS hops UNION SELECT readings.artifact_id AS artifact_id, walk.hops + 1 AS anon_1 FROM walk JOIN artifact_tasks AS made ON made.artifact_id = walk.artifact_id JOIN artifact_tasks AS readings ON readings.run_id = made.run_id AND readings.generation = made.generation AND readings.task = made.task AND readings.kind = 'INPUT' JOIN attempts AS attempt ON attempt.run_id = made.run_id AND attempt.generation = made.generation AND attempt.task = made.task AND attempt.state = 'SUCCEEDED' WHERE made.kind = 'OUTPUT' AND walk.hops < :max_hops) SELECT DISTINCT walk.artifact_id FROM walk",
)

LINEAGE_DOWNSTREAM_WITHIN: Final = Statement(
    sqlite="WITH RECURSIVE walk(artifact_id, hops) AS (SELECT :id AS artifact_id, 0 AS hops UNION SELECT made.artifact_id AS artifact_id, walk.hops + 1 AS anon_1 FROM walk JOIN artifact_tasks AS readings ON readings.artifact_id = walk.artifact_id JOIN artifact_tasks AS made ON readings.run_id = made.run_id AND readings.generation = made.generation AND readings.task = made.task AND readings.kind = 'INPUT' JOIN attempts AS attempt ON attempt.run_id = made.run_id AND attempt.generation = made.generation AND attempt.task = made.task AND attempt.state = 'SUCCEEDED' WHERE made.kind = 'OUTPUT' AND walk.hops < :max_hops) SELECT DISTINCT walk.artifact_id FROM walk",
)

LINEAGE_EDGES: Final = Statement(
    sqlite="SELECT DISTINCT readings.artifact_id, made.artifact_id AS artifact_id_1, made.task, made.run_id FROM artifact_tasks AS made JOIN artifact_tasks AS readings ON readings.run_id = made.run_id AND readings.generation = made.generation AND readings.task = made.task AND readings.kind = 'INPUT' JOIN attempts AS attempt ON attempt.run_id = made.run_id AND attempt.generation = made.generation AND attempt.task = made.task AND attempt.state = 'SUCCEEDED' WHERE made.kind = 'OUTPUT' AND made.artifact_id IN (SELECT value FROM json_each(:ids)) AND readings.artifact_id IN (SELECT value FROM json_each(:ids)) ORDER BY made.run_id, made.task, made.artifact_id, readings.artifact_id",
)

LINEAGE_MADE: Final = Statement(
    sqlite="SELECT made.artifact_id, made.run_id, runs.display_name, runs.pipeline, made.generation, made.task, attempt.id, made.port, attempt.ended_at FROM artifact_tasks AS made JOIN attempts AS attempt ON attempt.run_id = made.run_id AND attempt.generation = made.generation AND attempt.task = made.task AND attempt.state = 'SUCCEEDED' JOIN runs ON runs.id = made.run_id WHERE made.kind = 'OUTPUT' AND made.artifact_id IN (SELECT value FROM json_each(:ids)) ORDER BY made.n",
)

MODELS_INSERT_NAME: Final = Statement(
    sqlite="INSERT OR IGNORE INTO models (namespace, name, created_at, created_by) VALUES (:namespace, :name, :created_at, :created_by)",
)

MODELS_INSERT_VERSION: Final = Statement(
    sqlite="INSERT INTO model_versions (namespace, name, version, artifact_id, created_at, created_by) VALUES (:namespace, :name, :version, :artifact_id, :created_at, :created_by)",
)

MODELS_LAST_VERSION: Final = Statement(
    sqlite="SELECT coalesce(max(model_versions.version), 0) AS coalesce_1 FROM model_versions WHERE model_versions.namespace = :where_namespace AND model_versions.name = :where_name",
)

MODELS_FIND_VERSION: Final = Statement(
    sqlite="SELECT model_versions.namespace, model_versions.name, model_versions.version, model_versions.artifact_id, model_versions.created_at, model_versions.created_by FROM model_versions WHERE model_versions.namespace = :where_namespace AND model_versions.name = :where_name AND model_versions.artifact_id = :where_artifact_id",
)

MODELS_LIST_VERSIONS: Final = Statement(
    sqlite="SELECT model_versions.namespace, model_versions.name, model_versions.version, model_versions.artifact_id, model_versions.created_at, model_versions.created_by FROM model_versions WHERE model_versions.namespace = :where_namespace AND model_versions.name = :where_name ORDER BY model_versions.version",
)

MODELS_LIST_ALIASES: Final = Statement(
    sqlite="SELECT model_aliases.version, model_aliases.alias FROM model_aliases WHERE model_aliases.namespace = :where_namespace AND model_aliases.name = :where_name ORDER BY model_aliases.version, model_aliases.alias",
)

MODELS_LIST_NAMES: Final = Statement(
    sqlite="SELECT models.name FROM models WHERE models.namespace = :where_namespace ORDER BY models.name",
)

MODELS_VERSIONS_OF_ARTIFACTS: Final = Statement(
    sqlite="SELECT model_versions.namespace, model_versions.name, model_versions.version, model_versions.artifact_id, model_versions.created_at, model_versions.created_by FROM model_versions WHERE model_versions.artifact_id IN (SELECT value FROM json_each(:ids)) ORDER BY model_versions.namespace, model_versions.name, model_versions.version",
)

OWNERS_INSERT: Final = Statement(
    sqlite="INSERT INTO owners (name, started_at) VALUES (:name, CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000)",
)

OWNERS_CLAIMABLE: Final = Statement(
    sqlite="SELECT runs.id FROM runs WHERE runs.state IN ('PENDING', 'RUNNING', 'CANCELING', 'PAUSED') AND (runs.owner_token IS NULL OR runs.owner_token < :token) ORDER BY runs.created_at, runs.id LIMIT :limit",
)

OWNERS_CLAIM: Final = Statement(
    sqlite="UPDATE runs SET owner_token=:token, owner_name=:name, lease_expires_at=(CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000 + :lease_micros) WHERE runs.id = :where_id AND (runs.owner_token IS NULL OR runs.owner_token < :token)",
)

OWNERS_RENEW: Final = Statement(
    sqlite="UPDATE runs SET lease_expires_at=(CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000 + :lease_micros) WHERE runs.id IN (SELECT value FROM json_each(:ids)) AND runs.owner_token = :token",
)

OWNERS_HELD: Final = Statement(
    sqlite="SELECT runs.id FROM runs WHERE runs.id IN (SELECT value FROM json_each(:ids)) AND runs.owner_token = :token",
)

PIPELINES_INSERT: Final = Statement(
    sqlite="INSERT INTO pipelines (id, namespace, created_by, name, display_name, description, created_at) VALUES (:id, :namespace, :created_by, :name, :display_name, :description, :created_at)",
)

PIPELINES_SELECT_MANY: Final = Statement(
    sqlite="SELECT pipelines.id, pipelines.namespace, pipelines.created_by, pipelines.name, pipelines.display_name, pipelines.description, pipelines.created_at FROM pipelines WHERE pipelines.id IN (SELECT value FROM json_each(:ids))",
)

PIPELINES_FIND_BY_NAME: Final = Statement(
    sqlite="SELECT pipelines.id FROM pipelines WHERE pipelines.namespace = :where_namespace AND pipelines.name = :where_name",
)

PIPELINES_RENAME: Final = Statement(
    sqlite="UPDATE pipelines SET display_name=:display_name WHERE pipelines.id = :where_id",
)

PIPELINES_DELETE: Final = Statement(
    sqlite="DELETE FROM pipelines WHERE pipelines.id = :where_id",
)

PIPELINES_INSERT_TAG: Final = Statement(
    sqlite='INSERT INTO pipeline_tags (pipeline_id, "key", value) VALUES (:pipeline_id, :key, :value)',
)

PIPELINES_DELETE_TAGS: Final = Statement(
    sqlite="DELETE FROM pipeline_tags WHERE pipeline_tags.pipeline_id = :where_pipeline_id",
)

PIPELINES_TAGS: Final = Statement(
    sqlite='SELECT pipeline_tags.pipeline_id, pipeline_tags."key", pipeline_tags.value FROM pipeline_tags WHERE pipeline_tags.pipeline_id IN (SELECT value FROM json_each(:ids)) ORDER BY pipeline_tags.pipeline_id, pipeline_tags."key"',
)

PIPELINES_INSERT_VERSION: Final = Statement(
    sqlite="INSERT INTO pipeline_versions (id, pipeline_id, created_by, name, display_name, description, created_at, spec_digest, code_source_url, package_url) VALUES (:id, :pipeline_id, :created_by, :name, :display_name, :description, :created_at, :spec_digest, :code_source_url, :package_url)",
)

PIPELINES_SELECT_VERSIONS: Final = Statement(
    sqlite="SELECT pipeline_versions.id, pipeline_versions.pipeline_id, pipeline_versions.created_by, pipeline_versions.name, pipeline_versions.display_name, pipeline_versions.description, pipeline_versions.created_at, pipeline_versions.spec_digest, pipeline_versions.code_source_url, pipeline_versions.package_url FROM pipeline_versions WHERE pipeline_versions.id IN (SELECT value FROM json_each(:ids))",
)

PIPELINES_FIND_VERSION_BY_NAME: Final = Statement(
    sqlite="SELECT pipeline_versions.id FROM pipeline_versions WHERE pipeline_versions.pipeline_id = :where_pipeline_id AND pipeline_versions.name = :where_name",
)

PIPELINES_LATEST_VERSION: Final = Statement(
    sqlite="SELECT pipeline_versions.id FROM pipeline_versions WHERE pipeline_versions.pipeline_id = :where_pipeline_id ORDER BY pipeline_versions.created_at DESC, pipeline_versions.n DESC LIMIT 1",
)

PIPELINES_COUNT_VERSIONS: Final = Statement(
    sqlite="SELECT count(*) AS count_1 FROM pipeline_versions WHERE pipeline_versions.pipeline_id = :where_pipeline_id",
)

PIPELINES_SPECS_OF: Final = Statement(
    sqlite="SELECT DISTINCT pipeline_versions.spec_digest FROM pipeline_versions WHERE pipeline_versions.pipeline_id = :where_pipeline_id",
)

PIPELINES_RENAME_VERSION: Final = Statement(
    sqlite="UPDATE pipeline_versions SET display_name=:display_name WHERE pipeline_versions.id = :where_id",
)

PIPELINES_DELETE_VERSION: Final = Statement(
    sqlite="DELETE FROM pipeline_versions WHERE pipeline_versions.id = :where_id",
)

PIPELINES_INSERT_VERSION_TAG: Final = Statement(
    sqlite='INSERT INTO pipeline_version_tags (version_id, "key", value) VALUES (:version_id, :key, :value)',
)

PIPELINES_DELETE_VERSION_TAGS: Final = Statement(
    sqlite="DELETE FROM pipeline_version_tags WHERE pipeline_version_tags.version_id = :where_version_id",
)

PIPELINES_VERSION_TAGS: Final = Statement(
    sqlite='SELECT pipeline_version_tags.version_id, pipeline_version_tags."key", pipeline_version_tags.value FROM pipeline_version_tags WHERE pipeline_version_tags.version_id IN (SELECT value FROM json_each(:ids)) ORDER BY pipeline_version_tags.version_id, pipeline_version_tags."key"',
)

RUNS_INSERT_SPEC: Final = Statement(
    sqlite="INSERT OR IGNORE INTO specs (digest, body, created_at) VALUES (:digest, :body, :created_at)",
)

RUNS_DELETE_SPEC: Final = Statement(
    sqlite="DELETE FROM specs WHERE specs.digest = :where_digest AND NOT (EXISTS (SELECT * FROM runs WHERE runs.spec_digest = specs.digest)) AND NOT (EXISTS (SELECT * FROM pipeline_versions WHERE pipeline_versions.spec_digest = specs.digest))",
)

RUNS_SELECT_SPEC: Final = Statement(
    sqlite="SELECT specs.body FROM specs WHERE specs.digest = :where_digest",
)

RUNS_INSERT: Final = Statement(
    sqlite="INSERT INTO runs (id, generation, namespace, created_by, display_name, pipeline, spec_digest, parameters, pipeline_root, cache, state, storage_state, created_at, scheduled_at, started_at, finished_at, error, semantics, crashes, idempotency_key, experiment_id, description, pipeline_id, pipeline_version_id, service_account, recurring_run_id) VALUES (:id, :generation, :namespace, :created_by, :display_name, :pipeline, :spec_digest, :parameters, :pipeline_root, :cache, :state, :storage_state, :created_at, :scheduled_at, :started_at, :finished_at, :error, :semantics, :crashes, :idempotency_key, :experiment_id, :description, :pipeline_id, :pipeline_version_id, :service_account, :recurring_run_id)",
)

RUNS_SELECT: Final = Statement(
    sqlite="SELECT runs.id, runs.generation, runs.namespace, runs.created_by, runs.display_name, runs.pipeline, runs.spec_digest, runs.parameters, runs.pipeline_root, runs.cache, runs.state, runs.storage_state, runs.created_at, runs.scheduled_at, runs.started_at, runs.finished_at, runs.error, runs.semantics, runs.crashes, runs.experiment_id, runs.description, runs.pipeline_id, runs.pipeline_version_id, runs.service_account, runs.recurring_run_id FROM runs WHERE runs.id = :where_id",
)

RUNS_SELECT_MANY: Final = Statement(
    sqlite="SELECT runs.id, runs.generation, runs.namespace, runs.created_by, runs.display_name, runs.pipeline, runs.spec_digest, runs.parameters, runs.pipeline_root, runs.cache, runs.state, runs.storage_state, runs.created_at, runs.scheduled_at, runs.started_at, runs.finished_at, runs.error, runs.semantics, runs.crashes, runs.experiment_id, runs.description, runs.pipeline_id, runs.pipeline_version_id, runs.service_account, runs.recurring_run_id FROM runs WHERE runs.id IN (SELECT value FROM json_each(:ids))",
)

RUNS_SELECT_BY_PREFIX: Final = Statement(
    sqlite="SELECT runs.id, runs.generation, runs.namespace, runs.created_by, runs.display_name, runs.pipeline, runs.spec_digest, runs.parameters, runs.pipeline_root, runs.cache, runs.state, runs.storage_state, runs.created_at, runs.scheduled_at, runs.started_at, runs.finished_at, runs.error, runs.semantics, runs.crashes, runs.experiment_id, runs.description, runs.pipeline_id, runs.pipeline_version_id, runs.service_account, runs.recurring_run_id FROM runs WHERE runs.id >= :prefix AND runs.id < :beyond ORDER BY runs.id LIMIT :limit",
)

RUNS_SELECT_BY_IDEMPOTENCY_KEY: Final = Statement(
    sqlite="SELECT runs.id, runs.generation, runs.namespace, runs.created_by, runs.display_name, runs.pipeline, runs.spec_digest, runs.parameters, runs.pipeline_root, runs.cache, runs.state, runs.storage_state, runs.created_at, runs.scheduled_at, runs.started_at, runs.finished_at, runs.error, runs.semantics, runs.crashes, runs.experiment_id, runs.description, runs.pipeline_id, runs.pipeline_version_id, runs.service_account, runs.recurring_run_id FROM runs WHERE runs.namespace = :where_namespace AND runs.idempotency_key = :where_idempotency_key",
)

RUNS_LIST: Final = Statement(
    sqlite="SELECT runs.id, runs.generation, runs.namespace, runs.created_by, runs.display_name, runs.pipeline, runs.spec_digest, runs.parameters, runs.pipeline_root, runs.cache, runs.state, runs.storage_state, runs.created_at, runs.scheduled_at, runs.started_at, runs.finished_at, runs.error, runs.semantics, runs.crashes, runs.experiment_id, runs.description, runs.pipeline_id, runs.pipeline_version_id, runs.service_account, runs.recurring_run_id FROM runs ORDER BY runs.created_at DESC, runs.id DESC LIMIT :limit",
)

RUNS_LIST_BEFORE: Final = Statement(
    sqlite="SELECT runs.id, runs.generation, runs.namespace, runs.created_by, runs.display_name, runs.pipeline, runs.spec_digest, runs.parameters, runs.pipeline_root, runs.cache, runs.state, runs.storage_state, runs.created_at, runs.scheduled_at, runs.started_at, runs.finished_at, runs.error, runs.semantics, runs.crashes, runs.experiment_id, runs.description, runs.pipeline_id, runs.pipeline_version_id, runs.service_account, runs.recurring_run_id FROM runs WHERE runs.created_at < :before_at OR runs.created_at = :before_at AND runs.id < :before_id ORDER BY runs.created_at DESC, runs.id DESC LIMIT :limit",
)

RUNS_LIST_OF_NAMESPACE: Final = Statement(
    sqlite="SELECT runs.id, runs.generation, runs.namespace, runs.created_by, runs.display_name, runs.pipeline, runs.spec_digest, runs.parameters, runs.pipeline_root, runs.cache, runs.state, runs.storage_state, runs.created_at, runs.scheduled_at, runs.started_at, runs.finished_at, runs.error, runs.semantics, runs.crashes, runs.experiment_id, runs.description, runs.pipeline_id, runs.pipeline_version_id, runs.service_account, runs.recurring_run_id FROM runs WHERE runs.namespace = :where_namespace ORDER BY runs.created_at DESC, runs.id DESC LIMIT :limit",
)

RUNS_LIST_OF_NAMESPACE_BEFORE: Final = Statement(
    sqlite="SELECT runs.id, runs.generation, runs.namespace, runs.created_by, runs.display_name, runs.pipeline, runs.spec_digest, runs.parameters, runs.pipeline_root, runs.cache, runs.state, runs.storage_state, runs.created_at, runs.scheduled_at, runs.started_at, runs.finished_at, runs.error, runs.semantics, runs.crashes, runs.experiment_id, runs.description, runs.pipeline_id, runs.pipeline_version_id, runs.service_account, runs.recurring_run_id FROM runs WHERE runs.namespace = :where_namespace AND (runs.created_at < :before_at OR runs.created_at = :before_at AND runs.id < :before_id) ORDER BY runs.created_at DESC, runs.id DESC LIMIT :limit",
)

RUNS_FIND_UNFINISHED: Final = Statement(
    sqlite="SELECT runs.id, runs.generation, runs.namespace, runs.created_by, runs.display_name, runs.pipeline, runs.spec_digest, runs.parameters, runs.pipeline_root, runs.cache, runs.state, runs.storage_state, runs.created_at, runs.scheduled_at, runs.started_at, runs.finished_at, runs.error, runs.semantics, runs.crashes, runs.experiment_id, runs.description, runs.pipeline_id, runs.pipeline_version_id, runs.service_account, runs.recurring_run_id FROM runs WHERE runs.spec_digest = :where_spec_digest AND runs.parameters = :where_parameters AND runs.state IN ('PENDING', 'RUNNING', 'CANCELING', 'PAUSED') ORDER BY runs.created_at DESC, runs.id DESC LIMIT 1",
)

RUNS_STATES: Final = Statement(
    sqlite="SELECT runs.id, runs.state FROM runs WHERE runs.id IN (SELECT value FROM json_each(:ids))",
)

RUNS_HEAD: Final = Statement(
    sqlite="SELECT runs.generation, runs.owner_token, runs.state, runs.created_by, runs.pipeline FROM runs WHERE runs.id = :where_id",
)

RUNS_UPDATE: Final = Statement(
    sqlite="UPDATE runs SET state=:state, started_at=coalesce(:started_at, runs.started_at), finished_at=coalesce(:finished_at, runs.finished_at), error=coalesce(:error, runs.error) WHERE runs.id = :where_id AND runs.generation = :where_generation AND runs.owner_token = :where_owner_token AND (runs.state NOT IN ('SUCCEEDED', 'SKIPPED', 'FAILED', 'CANCELED'))",
)

RUNS_OPEN_GENERATION: Final = Statement(
    sqlite="UPDATE runs SET generation=(runs.generation + 1), state='PENDING', started_at=NULL, finished_at=0, error=NULL, crashes=0, owner_token=NULL, owner_name=NULL, lease_expires_at=NULL WHERE runs.id = :where_id AND runs.generation = :where_generation AND runs.state IN ('SUCCEEDED', 'SKIPPED', 'FAILED', 'CANCELED')",
)

RUNS_COUNT_CRASH: Final = Statement(
    sqlite="UPDATE runs SET crashes=(runs.crashes + 1), owner_token=NULL, owner_name=NULL, lease_expires_at=NULL WHERE runs.id = :where_id AND (runs.state NOT IN ('SUCCEEDED', 'SKIPPED', 'FAILED', 'CANCELED'))",
)

RUNS_QUARANTINE: Final = Statement(
    sqlite="UPDATE runs SET state='FAILED', finished_at=:finished_at, error=:error WHERE runs.id = :where_id AND (runs.state NOT IN ('SUCCEEDED', 'SKIPPED', 'FAILED', 'CANCELED'))",
)

RUNS_SET_STORAGE_STATE: Final = Statement(
    sqlite="UPDATE runs SET storage_state=:storage_state WHERE runs.id = :where_id",
)

RUNS_ARCHIVE_EXPERIMENT: Final = Statement(
    sqlite="UPDATE runs SET storage_state='ARCHIVED' WHERE runs.experiment_id = :where_experiment_id AND runs.storage_state != 'ARCHIVED'",
)

RUNS_DELETE: Final = Statement(
    sqlite="DELETE FROM runs WHERE runs.id = :where_id AND runs.state IN ('SUCCEEDED', 'SKIPPED', 'FAILED', 'CANCELED')",
)

TASKS_INSERT: Final = Statement(
    sqlite='INSERT INTO tasks (run_id, generation, "key", id, parent, name, display_name, component, kind, state, created_at, outcome, iteration_index, iteration_count, started_at, ended_at, inputs, outputs, base_key, fingerprint, fingerprint_parts, cache_note, origin_run_id, origin_task, origin_attempt_id) VALUES (:run_id, :generation, :key, :id, :parent, :name, :display_name, :component, :kind, :state, :created_at, :outcome, :iteration_index, :iteration_count, :started_at, :ended_at, :inputs, :outputs, :base_key, :fingerprint, :fingerprint_parts, :cache_note, :origin_run_id, :origin_task, :origin_attempt_id)',
)

TASKS_UPDATE: Final = Statement(
    sqlite='UPDATE tasks SET parent=:parent, name=:name, display_name=:display_name, component=:component, kind=:kind, state=:state, outcome=:outcome, iteration_index=:iteration_index, iteration_count=:iteration_count, started_at=:started_at, ended_at=:ended_at, inputs=:inputs, outputs=:outputs, base_key=:base_key, fingerprint=:fingerprint, fingerprint_parts=:fingerprint_parts, cache_note=:cache_note, origin_run_id=:origin_run_id, origin_task=:origin_task, origin_attempt_id=:origin_attempt_id WHERE tasks.run_id = :where_run_id AND tasks.generation = :where_generation AND tasks."key" = :where_key AND tasks.state = :seen_state',
)

TASKS_LIST: Final = Statement(
    sqlite='SELECT tasks.run_id, tasks.generation, tasks."key", tasks.id, tasks.parent, tasks.name, tasks.display_name, tasks.component, tasks.kind, tasks.state, tasks.created_at, tasks.outcome, tasks.iteration_index, tasks.iteration_count, tasks.started_at, tasks.ended_at, tasks.inputs, tasks.outputs, tasks.base_key, tasks.fingerprint, tasks.fingerprint_parts, tasks.cache_note FROM tasks WHERE tasks.run_id = :where_run_id AND tasks.generation = :where_generation ORDER BY tasks.n',
)

TASKS_SELECT_MANY: Final = Statement(
    sqlite='SELECT tasks.run_id, tasks.generation, tasks."key", tasks.id, tasks.parent, tasks.name, tasks.display_name, tasks.component, tasks.kind, tasks.state, tasks.created_at, tasks.outcome, tasks.iteration_index, tasks.iteration_count, tasks.started_at, tasks.ended_at, tasks.inputs, tasks.outputs, tasks.base_key, tasks.fingerprint, tasks.fingerprint_parts, tasks.cache_note FROM tasks WHERE tasks.id IN (SELECT value FROM json_each(:ids))',
)

TASKS_INSERT_ATTEMPT: Final = Statement(
    sqlite="INSERT INTO attempts (id, run_id, generation, task, number, token, state, created_at, handle, started_at, ended_at, failure) VALUES (:id, :run_id, :generation, :task, :number, :token, :state, :created_at, :handle, :started_at, :ended_at, :failure)",
)

TASKS_END_ATTEMPT: Final = Statement(
    sqlite="UPDATE attempts SET state=:state, handle=coalesce(:handle, attempts.handle), started_at=coalesce(:started_at, attempts.started_at), ended_at=:ended_at, failure=:failure WHERE attempts.id = :where_id AND attempts.run_id = :where_run_id AND attempts.generation = :where_generation AND attempts.state IN ('STARTING', 'RUNNING')",
)

TASKS_LIST_ATTEMPTS: Final = Statement(
    sqlite="SELECT attempts.id, attempts.run_id, attempts.generation, attempts.task, attempts.number, attempts.token, attempts.state, attempts.created_at, attempts.handle, attempts.started_at, attempts.ended_at, attempts.failure FROM attempts WHERE attempts.run_id = :where_run_id AND attempts.generation = :where_generation ORDER BY attempts.n",
)

VIEWS_RUN_NAMES: Final = Statement(
    sqlite="SELECT runs.id, pipelines.display_name, pipeline_versions.display_name AS display_name_1, experiments.display_name AS display_name_2 FROM runs LEFT OUTER JOIN pipelines ON pipelines.id = runs.pipeline_id LEFT OUTER JOIN pipeline_versions ON pipeline_versions.id = runs.pipeline_version_id LEFT OUTER JOIN experiments ON experiments.id = runs.experiment_id WHERE runs.id IN (SELECT value FROM json_each(:ids))",
)

VIEWS_TALLIES: Final = Statement(
    sqlite="SELECT tasks.run_id, CASE WHEN (tasks.outcome LIKE '{\"type\":\"reused\"%') THEN 'reused' WHEN (tasks.outcome LIKE '{\"type\":\"kept\"%') THEN 'kept' ELSE tasks.state END AS fate, count(*) AS count_1 FROM runs JOIN tasks ON tasks.run_id = runs.id AND tasks.generation = runs.generation WHERE runs.id IN (SELECT value FROM json_each(:ids)) AND tasks.kind IN ('RUNTIME', 'IMPORTER') GROUP BY tasks.run_id, CASE WHEN (tasks.outcome LIKE '{\"type\":\"reused\"%') THEN 'reused' WHEN (tasks.outcome LIKE '{\"type\":\"kept\"%') THEN 'kept' ELSE tasks.state END",
)

VIEWS_RUN_METRICS: Final = Statement(
    sqlite="SELECT artifact_tasks.run_id, artifacts.id, artifacts.namespace, artifacts.type, artifacts.schema_version, artifacts.name, artifacts.uri, artifacts.metadata, artifacts.created_at, artifacts.size, artifacts.mtime, artifacts.digest FROM runs JOIN artifact_tasks ON artifact_tasks.run_id = runs.id AND artifact_tasks.generation = runs.generation JOIN artifacts ON artifacts.id = artifact_tasks.artifact_id WHERE runs.id IN (SELECT value FROM json_each(:ids)) AND artifact_tasks.kind = 'OUTPUT' AND artifacts.type = 'system.Metrics' ORDER BY artifact_tasks.n",
)

VIEWS_TASKS: Final = Statement(
    sqlite='SELECT tasks.id, tasks."key", tasks.parent, tasks.name, tasks.display_name, tasks.component, tasks.kind, tasks.state, tasks.outcome, tasks.iteration_index, tasks.iteration_count, tasks.created_at, tasks.started_at, tasks.ended_at, lender_run.display_name AS display_name_1, lender.id AS id_1 FROM tasks LEFT OUTER JOIN runs AS lender_run ON lender_run.id = tasks.origin_run_id LEFT OUTER JOIN tasks AS lender ON lender.run_id = lender_run.id AND lender.generation = lender_run.generation AND lender."key" = tasks.origin_task WHERE tasks.run_id = :where_run_id AND tasks.generation = :where_generation ORDER BY tasks.n',
)

VIEWS_TASKS_BY_KEY: Final = Statement(
    sqlite='SELECT tasks.id, tasks."key", tasks.parent, tasks.name, tasks.display_name, tasks.component, tasks.kind, tasks.state, tasks.outcome, tasks.iteration_index, tasks.iteration_count, tasks.created_at, tasks.started_at, tasks.ended_at, lender_run.display_name AS display_name_1, lender.id AS id_1 FROM tasks LEFT OUTER JOIN runs AS lender_run ON lender_run.id = tasks.origin_run_id LEFT OUTER JOIN tasks AS lender ON lender.run_id = lender_run.id AND lender.generation = lender_run.generation AND lender."key" = tasks.origin_task WHERE tasks.run_id = :where_run_id AND tasks.generation = :where_generation AND tasks."key" IN (SELECT value FROM json_each(:keys))',
)

VIEWS_KEPT_OUTPUTS: Final = Statement(
    sqlite="SELECT tasks.\"key\", tasks.outputs FROM tasks WHERE tasks.run_id = :where_run_id AND tasks.generation = :where_generation AND tasks.outcome LIKE '{\"type\":\"kept\"%' AND tasks.kind IN ('RUNTIME', 'IMPORTER') ORDER BY tasks.n",
)

VIEWS_ATTEMPT_COUNTS: Final = Statement(
    sqlite="SELECT attempts.task, count(*) AS count_1 FROM attempts WHERE attempts.run_id = :where_run_id AND attempts.generation = :where_generation GROUP BY attempts.task",
)

VIEWS_ATTEMPTS_OF_TASK: Final = Statement(
    sqlite="SELECT attempts.id, attempts.run_id, attempts.generation, attempts.task, attempts.number, attempts.token, attempts.state, attempts.created_at, attempts.handle, attempts.started_at, attempts.ended_at, attempts.failure FROM attempts WHERE attempts.run_id = :where_run_id AND attempts.generation = :where_generation AND attempts.task = :where_task ORDER BY attempts.number",
)

VIEWS_WARNINGS: Final = Statement(
    sqlite="SELECT run_events.body FROM run_events WHERE run_events.run_id = :where_run_id AND run_events.task = :where_task AND run_events.kind = 'warning' ORDER BY run_events.seq LIMIT :limit",
)

VIEWS_OUTPUTS: Final = Statement(
    sqlite="SELECT artifacts.id, artifacts.name, artifacts.type, artifact_tasks.task, artifact_tasks.port FROM artifact_tasks JOIN tasks ON tasks.run_id = artifact_tasks.run_id AND tasks.generation = artifact_tasks.generation AND tasks.\"key\" = artifact_tasks.task JOIN artifacts ON artifacts.id = artifact_tasks.artifact_id WHERE artifact_tasks.run_id = :where_run_id AND artifact_tasks.generation = :where_generation AND artifact_tasks.kind = 'OUTPUT' AND tasks.kind IN ('RUNTIME', 'IMPORTER') ORDER BY artifact_tasks.n",
)

VIEWS_USES_OF_ARTIFACTS: Final = Statement(
    sqlite='SELECT artifact_tasks.artifact_id, artifact_tasks.kind, artifact_tasks.port, tasks.id, current.id AS id_1, tasks.generation, tasks."key", tasks.display_name, tasks.kind AS kind_1, tasks.state, tasks.origin_run_id, tasks.ended_at, runs.id AS id_2, runs.display_name AS display_name_1, runs.pipeline FROM artifact_tasks JOIN tasks ON tasks.run_id = artifact_tasks.run_id AND tasks.generation = artifact_tasks.generation AND tasks."key" = artifact_tasks.task JOIN runs ON runs.id = tasks.run_id LEFT OUTER JOIN tasks AS current ON current.run_id = runs.id AND current.generation = runs.generation AND current."key" = tasks."key" WHERE artifact_tasks.artifact_id IN (SELECT value FROM json_each(:ids)) AND tasks.kind IN (\'RUNTIME\', \'IMPORTER\') ORDER BY artifact_tasks.n DESC LIMIT :limit',
)

VIEWS_USES_BY_TASKS: Final = Statement(
    sqlite='SELECT artifact_tasks.artifact_id, artifact_tasks.kind, artifact_tasks.port, tasks.id, current.id AS id_1, tasks.generation, tasks."key", tasks.display_name, tasks.kind AS kind_1, tasks.state, tasks.origin_run_id, tasks.ended_at, runs.id AS id_2, runs.display_name AS display_name_1, runs.pipeline FROM artifact_tasks JOIN tasks ON tasks.run_id = artifact_tasks.run_id AND tasks.generation = artifact_tasks.generation AND tasks."key" = artifact_tasks.task JOIN runs ON runs.id = tasks.run_id LEFT OUTER JOIN tasks AS current ON current.run_id = runs.id AND current.generation = runs.generation AND current."key" = tasks."key" WHERE tasks.id IN (SELECT value FROM json_each(:ids)) AND tasks.kind IN (\'RUNTIME\', \'IMPORTER\') ORDER BY artifact_tasks.n DESC LIMIT :limit',
)

VIEWS_ORIGIN: Final = Statement(
    sqlite='SELECT tasks.id, current.id AS id_1, tasks.generation, tasks."key", tasks.display_name, tasks.kind, tasks.state, tasks.origin_run_id, tasks.ended_at, runs.id AS id_2, runs.display_name AS display_name_1, runs.pipeline FROM tasks JOIN runs ON runs.id = tasks.run_id LEFT OUTER JOIN tasks AS current ON current.run_id = runs.id AND current.generation = runs.generation AND current."key" = tasks."key" WHERE tasks.run_id = :where_run_id AND tasks."key" = :where_key AND tasks.state = \'SUCCEEDED\' ORDER BY tasks.generation DESC LIMIT 1',
)

VIEWS_VERSION_COUNTS: Final = Statement(
    sqlite="SELECT pipeline_versions.pipeline_id, count(*) AS count_1 FROM pipeline_versions WHERE pipeline_versions.pipeline_id IN (SELECT value FROM json_each(:ids)) GROUP BY pipeline_versions.pipeline_id",
)

VIEWS_LAST_RUN_OF_PIPELINE: Final = Statement(
    sqlite="SELECT runs.id FROM runs WHERE runs.pipeline_id = :where_pipeline_id ORDER BY runs.created_at DESC, runs.id DESC LIMIT 1",
)

VIEWS_LAST_RUN_OF_EXPERIMENT: Final = Statement(
    sqlite="SELECT runs.id FROM runs WHERE runs.experiment_id = :where_experiment_id ORDER BY runs.created_at DESC, runs.id DESC LIMIT 1",
)

VIEWS_RUN_COUNTS: Final = Statement(
    sqlite="SELECT runs.experiment_id, count(*) AS count_1 FROM runs WHERE runs.experiment_id IN (SELECT value FROM json_each(:ids)) GROUP BY runs.experiment_id",
)

VIEWS_MODEL_COUNTS: Final = Statement(
    sqlite="SELECT model_versions.name, count(*) AS count_1 FROM model_versions WHERE model_versions.namespace = :where_namespace GROUP BY model_versions.name ORDER BY model_versions.name",
)

VIEWS_FIND_MODELS: Final = Statement(
    sqlite="SELECT model_versions.name, count(*) AS count_1 FROM model_versions WHERE model_versions.namespace = :where_namespace AND model_versions.name LIKE :pattern ESCAPE '!' GROUP BY model_versions.name ORDER BY model_versions.name LIMIT :limit",
)

VIEWS_FIND_RUNS: Final = Statement(
    sqlite="SELECT runs.id FROM runs WHERE runs.namespace = :where_namespace AND (runs.display_name LIKE :pattern ESCAPE '!' OR runs.id >= :prefix AND runs.id < :beyond) ORDER BY runs.created_at DESC, runs.id DESC LIMIT :limit",
)

VIEWS_FIND_ARTIFACTS: Final = Statement(
    sqlite="SELECT newest.id, newest.namespace, newest.type, newest.schema_version, newest.name, newest.uri, newest.metadata, newest.created_at, newest.size, newest.mtime, newest.digest FROM (SELECT artifacts.id AS id, artifacts.namespace AS namespace, artifacts.type AS type, artifacts.schema_version AS schema_version, artifacts.name AS name, artifacts.uri AS uri, artifacts.metadata AS metadata, artifacts.created_at AS created_at, artifacts.size AS size, artifacts.mtime AS mtime, artifacts.digest AS digest FROM artifacts WHERE artifacts.namespace = :where_namespace ORDER BY artifacts.created_at DESC, artifacts.id DESC LIMIT :among) AS newest WHERE newest.name LIKE :pattern ESCAPE '!' OR newest.id >= :prefix AND newest.id < :beyond ORDER BY newest.created_at DESC, newest.id DESC LIMIT :limit",
)

VIEWS_FIND_PIPELINES: Final = Statement(
    sqlite="SELECT pipelines.id FROM pipelines WHERE pipelines.namespace = :where_namespace AND (pipelines.display_name LIKE :pattern ESCAPE '!' OR pipelines.name LIKE :pattern ESCAPE '!') ORDER BY pipelines.created_at DESC, pipelines.id DESC LIMIT :limit",
)

VIEWS_FIND_EXPERIMENTS: Final = Statement(
    sqlite="SELECT experiments.id, experiments.namespace, experiments.created_by, experiments.display_name, experiments.description, experiments.storage_state, experiments.created_at, experiments.last_run_created_at FROM experiments WHERE experiments.namespace = :where_namespace AND experiments.display_name LIKE :pattern ESCAPE '!' ORDER BY experiments.created_at DESC, experiments.id DESC LIMIT :limit",
)

SQLITE_SCHEMA: Final = (
    "CREATE TABLE artifacts ( id VARCHAR(64) NOT NULL, namespace VARCHAR(255) NOT NULL, created_by VARCHAR(255) NOT NULL, type VARCHAR(255) NOT NULL, schema_version VARCHAR(64) NOT NULL, name VARCHAR(255) NOT NULL, uri TEXT NOT NULL, metadata TEXT NOT NULL, created_at BIGINT NOT NULL, size BIGINT, mtime BIGINT, digest VARCHAR(80), CONSTRAINT pk_artifacts PRIMARY KEY (id) )",
    "CREATE INDEX ix_artifacts_digest ON artifacts (digest)",
    "CREATE INDEX ix_artifacts_namespace_created_at_id ON artifacts (namespace, created_at, id)",
    "CREATE TABLE audit ( n INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, at BIGINT NOT NULL, who VARCHAR(255) NOT NULL, action VARCHAR(64) NOT NULL, namespace VARCHAR(255) NOT NULL, object_kind VARCHAR(64) NOT NULL, object_id VARCHAR(700) NOT NULL, detail TEXT NOT NULL )",
    "CREATE INDEX ix_audit_object_kind_object_id_n ON audit (object_kind, object_id, n)",
    "CREATE TABLE experiments ( id VARCHAR(64) NOT NULL, namespace VARCHAR(255) NOT NULL, created_by VARCHAR(255) NOT NULL, display_name VARCHAR(255) NOT NULL, description TEXT NOT NULL, storage_state VARCHAR(32) NOT NULL, created_at BIGINT NOT NULL, last_run_created_at BIGINT NOT NULL, CONSTRAINT pk_experiments PRIMARY KEY (id), CONSTRAINT uq_experiments_namespace_display_name UNIQUE (namespace, display_name) )",
    "CREATE INDEX ix_experiments_created_at_id ON experiments (created_at, id)",
    "CREATE INDEX ix_experiments_namespace_created_at_id ON experiments (namespace, created_at, id)",
    "CREATE TABLE models ( namespace VARCHAR(255) NOT NULL, name VARCHAR(255) NOT NULL, created_at BIGINT NOT NULL, created_by VARCHAR(255) NOT NULL, CONSTRAINT pk_models PRIMARY KEY (namespace, name) )",
    "CREATE TABLE owners ( token INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(255) NOT NULL, started_at BIGINT NOT NULL )",
    "CREATE TABLE pipelines ( id VARCHAR(64) NOT NULL, namespace VARCHAR(255) NOT NULL, created_by VARCHAR(255) NOT NULL, name VARCHAR(255) NOT NULL, display_name VARCHAR(255) NOT NULL, description TEXT NOT NULL, created_at BIGINT NOT NULL, CONSTRAINT pk_pipelines PRIMARY KEY (id), CONSTRAINT uq_pipelines_namespace_name UNIQUE (namespace, name) )",
    "CREATE INDEX ix_pipelines_created_at_id ON pipelines (created_at, id)",
    "CREATE INDEX ix_pipelines_namespace_created_at_id ON pipelines (namespace, created_at, id)",
    "CREATE TABLE specs ( digest VARCHAR(64) NOT NULL, body BLOB NOT NULL, created_at BIGINT NOT NULL, CONSTRAINT pk_specs PRIMARY KEY (digest) )",
    "CREATE TABLE model_versions ( namespace VARCHAR(255) NOT NULL, name VARCHAR(255) NOT NULL, version BIGINT NOT NULL, artifact_id VARCHAR(64) NOT NULL, created_at BIGINT NOT NULL, created_by VARCHAR(255) NOT NULL, CONSTRAINT pk_model_versions PRIMARY KEY (namespace, name, version), CONSTRAINT fk_model_versions_namespace_name FOREIGN KEY(namespace, name) REFERENCES models (namespace, name), CONSTRAINT fk_model_versions_artifact_id FOREIGN KEY(artifact_id) REFERENCES artifacts (id), CONSTRAINT uq_model_versions_namespace_name_artifact_id UNIQUE (namespace, name, artifact_id) )",
    "CREATE INDEX ix_model_versions_artifact_id ON model_versions (artifact_id)",
    'CREATE TABLE pipeline_tags ( pipeline_id VARCHAR(64) NOT NULL, "key" VARCHAR(255) NOT NULL, value VARCHAR(255) NOT NULL, CONSTRAINT pk_pipeline_tags PRIMARY KEY (pipeline_id, "key"), CONSTRAINT fk_pipeline_tags_pipeline_id FOREIGN KEY(pipeline_id) REFERENCES pipelines (id) ON DELETE CASCADE )',
    'CREATE INDEX ix_pipeline_tags_key_value_pipeline_id ON pipeline_tags ("key", value, pipeline_id)',
    "CREATE TABLE pipeline_versions ( n INTEGER NOT NULL, id VARCHAR(64) NOT NULL, pipeline_id VARCHAR(64) NOT NULL, created_by VARCHAR(255) NOT NULL, name VARCHAR(255) NOT NULL, display_name VARCHAR(255) NOT NULL, description TEXT NOT NULL, created_at BIGINT NOT NULL, spec_digest VARCHAR(64) NOT NULL, code_source_url TEXT NOT NULL, package_url TEXT NOT NULL, CONSTRAINT pk_pipeline_versions PRIMARY KEY (n), CONSTRAINT fk_pipeline_versions_pipeline_id FOREIGN KEY(pipeline_id) REFERENCES pipelines (id) ON DELETE CASCADE, CONSTRAINT fk_pipeline_versions_spec_digest FOREIGN KEY(spec_digest) REFERENCES specs (digest), CONSTRAINT uq_pipeline_versions_id UNIQUE (id), CONSTRAINT uq_pipeline_versions_pipeline_id_name UNIQUE (pipeline_id, name) )",
    "CREATE INDEX ix_pipeline_versions_pipeline_id_created_at_n ON pipeline_versions (pipeline_id, created_at, n)",
    "CREATE INDEX ix_pipeline_versions_spec_digest ON pipeline_versions (spec_digest)",
    "CREATE TABLE runs ( id VARCHAR(64) NOT NULL, generation BIGINT NOT NULL, namespace VARCHAR(255) NOT NULL, created_by VARCHAR(255) NOT NULL, display_name VARCHAR(255) NOT NULL, pipeline VARCHAR(255) NOT NULL, spec_digest VARCHAR(64) NOT NULL, parameters TEXT NOT NULL, pipeline_root TEXT NOT NULL, cache VARCHAR(32) NOT NULL, state VARCHAR(32) NOT NULL, storage_state VARCHAR(32) NOT NULL, created_at BIGINT NOT NULL, scheduled_at BIGINT NOT NULL, started_at BIGINT, finished_at BIGINT NOT NULL, error TEXT, semantics BIGINT NOT NULL, crashes BIGINT NOT NULL, idempotency_key VARCHAR(255), owner_token BIGINT, owner_name VARCHAR(255), lease_expires_at BIGINT, experiment_id VARCHAR(64) NOT NULL, description TEXT NOT NULL, pipeline_id VARCHAR(64), pipeline_version_id VARCHAR(64), service_account VARCHAR(255) NOT NULL, recurring_run_id VARCHAR(64) NOT NULL, CONSTRAINT pk_runs PRIMARY KEY (id), CONSTRAINT fk_runs_spec_digest FOREIGN KEY(spec_digest) REFERENCES specs (digest), CONSTRAINT uq_runs_namespace_idempotency_key UNIQUE (namespace, idempotency_key) )",
    "CREATE INDEX ix_runs_created_at_id ON runs (created_at, id)",
    "CREATE INDEX ix_runs_display_name_id ON runs (display_name, id)",
    "CREATE INDEX ix_runs_experiment_id_created_at_id ON runs (experiment_id, created_at, id)",
    "CREATE INDEX ix_runs_finished_at_id ON runs (finished_at, id)",
    "CREATE INDEX ix_runs_listing ON runs (created_at, id, namespace, experiment_id, storage_state, state, display_name, scheduled_at, finished_at, recurring_run_id, description)",
    "CREATE INDEX ix_runs_namespace_created_at_id ON runs (namespace, created_at, id)",
    "CREATE INDEX ix_runs_of_pipeline ON runs (pipeline_id, created_at, id) WHERE pipeline_id IS NOT NULL",
    "CREATE INDEX ix_runs_of_pipeline_version ON runs (pipeline_version_id, created_at, id) WHERE pipeline_version_id IS NOT NULL",
    "CREATE INDEX ix_runs_scheduled_at_id ON runs (scheduled_at, id)",
    "CREATE INDEX ix_runs_spec_digest_created_at ON runs (spec_digest, created_at)",
    "CREATE INDEX ix_runs_state_created_at_id ON runs (state, created_at, id)",
    "CREATE TABLE artifact_tasks ( n INTEGER NOT NULL, artifact_id VARCHAR(64) NOT NULL, run_id VARCHAR(64) NOT NULL, generation BIGINT NOT NULL, task VARCHAR(700) NOT NULL, kind VARCHAR(32) NOT NULL, port VARCHAR(255) NOT NULL, position BIGINT NOT NULL, producer_task VARCHAR(700), producer_port VARCHAR(255), CONSTRAINT pk_artifact_tasks PRIMARY KEY (n), CONSTRAINT fk_artifact_tasks_artifact_id FOREIGN KEY(artifact_id) REFERENCES artifacts (id), CONSTRAINT fk_artifact_tasks_run_id FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE, CONSTRAINT uq_artifact_tasks_port UNIQUE (run_id, generation, task, kind, port, position) )",
    "CREATE INDEX ix_artifact_tasks_artifact_id_kind ON artifact_tasks (artifact_id, kind)",
    "CREATE TABLE cache_entries ( n INTEGER NOT NULL, namespace VARCHAR(255) NOT NULL, base_key VARCHAR(64) NOT NULL, fingerprint VARCHAR(255) NOT NULL, component VARCHAR(255) NOT NULL, pipeline VARCHAR(255) NOT NULL, run_id VARCHAR(64) NOT NULL, generation BIGINT NOT NULL, task VARCHAR(700) NOT NULL, attempt_id VARCHAR(64) NOT NULL, created_at BIGINT NOT NULL, artifact_inputs TEXT NOT NULL, outputs TEXT NOT NULL, fingerprint_parts TEXT NOT NULL, CONSTRAINT pk_cache_entries PRIMARY KEY (n), CONSTRAINT fk_cache_entries_run_id FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE )",
    "CREATE INDEX ix_cache_entries_namespace_base_key_n ON cache_entries (namespace, base_key, n)",
    "CREATE INDEX ix_cache_entries_namespace_pipeline_component_n ON cache_entries (namespace, pipeline, component, n)",
    "CREATE INDEX ix_cache_entries_run_id ON cache_entries (run_id)",
    "CREATE TABLE model_aliases ( namespace VARCHAR(255) NOT NULL, name VARCHAR(255) NOT NULL, alias VARCHAR(255) NOT NULL, version BIGINT NOT NULL, CONSTRAINT pk_model_aliases PRIMARY KEY (namespace, name, alias), CONSTRAINT fk_model_aliases_namespace_name_version FOREIGN KEY(namespace, name, version) REFERENCES model_versions (namespace, name, version) ON DELETE CASCADE )",
    "CREATE INDEX ix_model_aliases_namespace_name_version ON model_aliases (namespace, name, version)",
    'CREATE TABLE pipeline_version_tags ( version_id VARCHAR(64) NOT NULL, "key" VARCHAR(255) NOT NULL, value VARCHAR(255) NOT NULL, CONSTRAINT pk_pipeline_version_tags PRIMARY KEY (version_id, "key"), CONSTRAINT fk_pipeline_version_tags_version_id FOREIGN KEY(version_id) REFERENCES pipeline_versions (id) ON DELETE CASCADE )',
    'CREATE INDEX ix_pipeline_version_tags_key_value_version_id ON pipeline_version_tags ("key", value, version_id)',
    "CREATE TABLE run_events ( run_id VARCHAR(64) NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, kind VARCHAR(64) NOT NULL, task VARCHAR(700), body TEXT NOT NULL, CONSTRAINT pk_run_events PRIMARY KEY (run_id, seq), CONSTRAINT fk_run_events_run_id FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE ) WITHOUT ROWID",
    "CREATE INDEX ix_run_events_of_run ON run_events (run_id, seq) WHERE task IS NULL",
    'CREATE TABLE run_requests ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, run_id VARCHAR(64) NOT NULL, kind VARCHAR(32) NOT NULL, "by" VARCHAR(255) NOT NULL, at BIGINT NOT NULL, handled_at BIGINT, CONSTRAINT fk_run_requests_run_id FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE )',
    "CREATE INDEX ix_run_requests_run_id_handled_at_id ON run_requests (run_id, handled_at, id)",
    'CREATE TABLE tasks ( n INTEGER NOT NULL, run_id VARCHAR(64) NOT NULL, generation BIGINT NOT NULL, "key" VARCHAR(700) NOT NULL, id VARCHAR(64) NOT NULL, parent VARCHAR(700), name VARCHAR(255) NOT NULL, display_name VARCHAR(255) NOT NULL, component VARCHAR(255) NOT NULL, kind VARCHAR(32) NOT NULL, state VARCHAR(32) NOT NULL, created_at BIGINT NOT NULL, outcome TEXT, iteration_index BIGINT, iteration_count BIGINT, started_at BIGINT, ended_at BIGINT, inputs TEXT NOT NULL, outputs TEXT NOT NULL, base_key VARCHAR(64), fingerprint VARCHAR(255), fingerprint_parts TEXT NOT NULL, cache_note TEXT NOT NULL, origin_run_id VARCHAR(64), origin_task VARCHAR(700), origin_attempt_id VARCHAR(64), CONSTRAINT pk_tasks PRIMARY KEY (n), CONSTRAINT fk_tasks_run_id FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE, CONSTRAINT uq_tasks_run_id_generation_key UNIQUE (run_id, generation, "key"), CONSTRAINT uq_tasks_id UNIQUE (id) )',
    "CREATE INDEX ix_tasks_origin_attempt_id ON tasks (origin_attempt_id) WHERE origin_attempt_id IS NOT NULL",
    'CREATE TABLE attempts ( n INTEGER NOT NULL, id VARCHAR(64) NOT NULL, run_id VARCHAR(64) NOT NULL, generation BIGINT NOT NULL, task VARCHAR(700) NOT NULL, number BIGINT NOT NULL, token BIGINT NOT NULL, state VARCHAR(32) NOT NULL, created_at BIGINT NOT NULL, handle TEXT, started_at BIGINT, ended_at BIGINT, failure TEXT, CONSTRAINT pk_attempts PRIMARY KEY (n), CONSTRAINT fk_attempts_run_id_generation_task FOREIGN KEY(run_id, generation, task) REFERENCES tasks (run_id, generation, "key") ON DELETE CASCADE, CONSTRAINT uq_attempts_id UNIQUE (id), CONSTRAINT uq_attempts_run_id_generation_task_number UNIQUE (run_id, generation, task, number) )',
)
