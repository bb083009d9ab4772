//! Which fields each part of a plan has: what the conversion checks and the JSON schema is held against.

/// The fields of one sort of mapping.
#[derive(Debug)]
pub(super) struct Shape {
    /// What it is, for messages.
    pub(super) what: &'static str,
    /// Its name among the schema's definitions; empty for the whole document.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "only the test that compares with the schema reads it")
    )]
    pub(super) definition: &'static str,
    /// Names that must be there.
    pub(super) required: &'static [&'static str],
    /// Names that may be there.
    pub(super) optional: &'static [&'static str],
}

impl Shape {
    /// All names.
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.required.iter().chain(self.optional).copied().collect()
    }
}

/// The keys that say what a step does; a step has exactly one of them.
pub(super) const ACTIONS: [&str; 5] = ["manual", "manifests", "kustomize", "helm", "pin"];

pub(super) const PLAN: Shape = Shape {
    what: "the plan",
    definition: "",
    required: &["name", "title", "environments", "stages"],
    optional: &["allowed_sources", "workflow"],
};
pub(super) const ENVIRONMENT: Shape = Shape {
    what: "an environment",
    definition: "environment",
    required: &["name", "namespace"],
    optional: &["context", "confirm", "variables"],
};
pub(super) const STAGE: Shape = Shape {
    what: "a stage",
    definition: "stage",
    required: &["id", "title", "steps"],
    optional: &["summary"],
};
pub(super) const STEP: Shape = Shape {
    what: "a step",
    definition: "step",
    required: &["id", "title"],
    optional: &[
        "description",
        "manual",
        "manifests",
        "kustomize",
        "helm",
        "pin",
        "requires",
        "gates",
        "deadline",
        "inventory",
        "allow_replace",
        "acknowledge",
        "only_in",
        "later",
    ],
};
pub(super) const ACKNOWLEDGEMENT: Shape = Shape {
    what: "an acknowledgement",
    definition: "acknowledgement",
    required: &["component", "reason"],
    optional: &[],
};
pub(super) const MANUAL: Shape = Shape {
    what: "a manual step",
    definition: "manual",
    required: &["instructions"],
    optional: &["evidence"],
};
pub(super) const MANIFESTS: Shape =
    Shape { what: "a manifests step", definition: "manifests", required: &["paths"], optional: &[] };
pub(super) const KUSTOMIZE: Shape =
    Shape { what: "a kustomize step", definition: "kustomize", required: &["path"], optional: &[] };
pub(super) const HELM: Shape = Shape {
    what: "a helm step",
    definition: "helm",
    required: &["chart"],
    optional: &["repository", "version", "release", "namespace", "values", "set"],
};
pub(super) const PIN: Shape =
    Shape { what: "a pin step", definition: "pin", required: &["path"], optional: &[] };
pub(super) const GATE: Shape = Shape {
    what: "a gate",
    definition: "gate",
    required: &[],
    optional: &[
        "rollout",
        "autoscaler",
        "ingress_address",
        "certificate",
        "condition",
        "http",
        "service_http",
        "parity",
        "dns",
        "workflow",
        "images",
    ],
};
pub(super) const ROLLOUT: Shape = Shape {
    what: "a rollout gate",
    definition: "rollout",
    required: &["kind", "name"],
    optional: &["namespace"],
};
pub(super) const CERTIFICATE: Shape = Shape {
    what: "a certificate gate",
    definition: "certificate",
    required: &["name"],
    optional: &["hosts", "issuer"],
};
pub(super) const CONDITION: Shape = Shape {
    what: "a condition gate",
    definition: "condition",
    required: &["api_version", "kind", "name", "condition"],
    optional: &["namespace", "status"],
};
pub(super) const HTTP: Shape =
    Shape { what: "an http gate", definition: "http", required: &["url"], optional: &["status", "contains"] };
pub(super) const SERVICE_HTTP: Shape = Shape {
    what: "a service_http gate",
    definition: "service_http",
    required: &["service", "port"],
    optional: &["namespace", "scheme", "path", "status", "contains", "json"],
};
pub(super) const PARITY: Shape = Shape {
    what: "a parity gate",
    definition: "parity",
    required: &["hosts", "paths", "old", "new"],
    optional: &["scheme", "headers", "body", "ca"],
};
pub(super) const DNS: Shape =
    Shape { what: "a dns gate", definition: "dns", required: &["host", "to"], optional: &[] };
pub(super) const WORKFLOW: Shape = Shape {
    what: "the workflow",
    definition: "workflow",
    required: &[],
    optional: &["host", "repository", "file", "branch"],
};
pub(super) const WORKFLOW_GATE: Shape = Shape {
    what: "a workflow gate",
    definition: "workflow_gate",
    required: &[],
    optional: &["file", "branch", "title"],
};
pub(super) const EXPECTATION: Shape = Shape {
    what: "an expectation",
    definition: "expectation",
    required: &["path"],
    optional: &["equals", "at_least"],
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::{
        ACKNOWLEDGEMENT, CERTIFICATE, CONDITION, DNS, ENVIRONMENT, EXPECTATION, GATE, HELM, HTTP, KUSTOMIZE,
        MANIFESTS, MANUAL, PARITY, PIN, PLAN, ROLLOUT, SERVICE_HTTP, STAGE, STEP, WORKFLOW, WORKFLOW_GATE,
    };

    const SCHEMA: &str = include_str!("../../plans/plan.schema.json");

    #[test]
    fn the_schema_has_exactly_these_fields() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let shapes = [
            PLAN,
            ENVIRONMENT,
            STAGE,
            STEP,
            MANUAL,
            MANIFESTS,
            KUSTOMIZE,
            HELM,
            PIN,
            GATE,
            ROLLOUT,
            CERTIFICATE,
            CONDITION,
            HTTP,
            SERVICE_HTTP,
            EXPECTATION,
            PARITY,
            DNS,
            ACKNOWLEDGEMENT,
            WORKFLOW,
            WORKFLOW_GATE,
        ];
        for shape in &shapes {
            let definition =
                if shape.definition.is_empty() { &schema } else { &schema["$defs"][shape.definition] };
            let properties: BTreeSet<&str> = definition["properties"]
                .as_object()
                .unwrap_or_else(|| panic!("{} has no properties in the schema", shape.definition))
                .keys()
                .map(String::as_str)
                .collect();
            assert_eq!(properties, shape.names().into_iter().collect(), "{}", shape.what);
            let required: BTreeSet<&str> =
                definition["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            assert_eq!(required, shape.required.iter().copied().collect(), "{}", shape.what);
            assert_eq!(definition["additionalProperties"], Value::Bool(false), "{}", shape.what);
        }
        let objects =
            schema["$defs"].as_object().unwrap().values().filter(|one| one.get("properties").is_some());
        assert_eq!(objects.count(), shapes.len() - 1, "the schema defines something that no plan has");
    }
}
