CREATE INDEX fault_report_resolved ON fault_report (resolved_at) WHERE resolved_at IS NOT NULL;
