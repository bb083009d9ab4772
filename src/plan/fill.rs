//! A plan as it is in one environment: variables filled in, foreign steps left out.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{
    Acknowledgement, Action, CertificateWanted, ChartSource, Entry, Environment, EnvironmentName,
    Expectation, Gate, HelmChart, Manual, Parity, Plan, ServiceRequest, Stage, Step, Target, Wanted,
    WorkflowGate, words::fill,
};

/// Variables that every environment has without defining them.
pub(super) const RESERVED: [&str; 2] = ["environment", "namespace"];

impl Environment {
    /// The value of `${name}` here.
    pub(super) fn value_of(&self, name: &str) -> Option<&str> {
        match name {
            "environment" => Some(&self.name.0),
            "namespace" => Some(&self.namespace),
            _ => self.variables.get(name).map(String::as_str),
        }
    }

    /// A text with the variables filled in.
    #[must_use]
    pub fn fill(&self, text: &str) -> String {
        fill(text, |name| self.value_of(name))
    }

    fn fill_path(&self, path: &Path) -> PathBuf {
        // Paths come from the plan's YAML, so they are UTF-8 to begin with.
        PathBuf::from(self.fill(&path.to_string_lossy()))
    }
}

impl Plan {
    /// The stages with the steps that this environment has, in order: `${environment}`, `${namespace}` and
    /// the environment's own variables are filled into titles, texts, paths and gates. Empty for a name
    /// that the plan does not have; stages without a step here are left out.
    #[must_use]
    pub fn steps_in(&self, environment: &EnvironmentName) -> Vec<Stage> {
        let Some(environment) = self.environment(&environment.0) else { return Vec::new() };
        let stage = |stage: &Stage| Stage {
            id: stage.id.clone(),
            title: environment.fill(&stage.title),
            summary: environment.fill(&stage.summary),
            steps: stage
                .steps
                .iter()
                .filter(|step| step.is_in(&environment.name))
                .map(|one| step(one, environment))
                .collect(),
        };
        self.stages.iter().map(stage).filter(|stage| !stage.steps.is_empty()).collect()
    }
}

impl Step {
    /// Does the environment have this step?
    #[must_use]
    pub fn is_in(&self, environment: &EnvironmentName) -> bool {
        self.only_in.as_ref().is_none_or(|only| only.contains(environment))
    }
}

fn step(step: &Step, environment: &Environment) -> Step {
    let fill = |text: &String| environment.fill(text);
    Step {
        title: fill(&step.title),
        description: fill(&step.description),
        action: match &step.action {
            Action::Manual(manual) => Action::Manual(Manual {
                instructions: manual.instructions.iter().map(fill).collect(),
                evidence: manual.evidence,
            }),
            Action::Manifests { paths } => {
                Action::Manifests { paths: paths.iter().map(|path| environment.fill_path(path)).collect() }
            }
            Action::Kustomize { path } => Action::Kustomize { path: environment.fill_path(path) },
            Action::Helm(chart) => Action::Helm(helm(chart, environment)),
            Action::Pin { path } => Action::Pin { path: environment.fill_path(path) },
        },
        requires: step.requires.iter().map(|one| gate(one, environment)).collect(),
        gates: step.gates.iter().map(|one| gate(one, environment)).collect(),
        later: step.later.as_ref().map(fill),
        acknowledged: step
            .acknowledged
            .iter()
            .map(|one| Acknowledgement { component: one.component.clone(), reason: fill(&one.reason) })
            .collect(),
        ..step.clone()
    }
}

fn helm(helm: &HelmChart, environment: &Environment) -> HelmChart {
    let fill = |text: &String| environment.fill(text);
    HelmChart {
        chart: match &helm.chart {
            ChartSource::Folder(path) => ChartSource::Folder(environment.fill_path(path)),
            ChartSource::Registry(address) => ChartSource::Registry(fill(address)),
            ChartSource::Repository { url, name } => {
                ChartSource::Repository { url: fill(url), name: fill(name) }
            }
        },
        version: helm.version.as_ref().map(fill),
        release: fill(&helm.release),
        namespace: helm.namespace.as_ref().map(fill),
        values: helm.values.iter().map(|path| environment.fill_path(path)).collect(),
        set: filled(&helm.set, environment),
    }
}

fn filled(value: &Value, environment: &Environment) -> Value {
    match value {
        Value::String(text) => Value::String(environment.fill(text)),
        Value::Array(items) => items.iter().map(|item| filled(item, environment)).collect(),
        Value::Object(map) => {
            map.iter().map(|(name, value)| (name.clone(), filled(value, environment))).collect()
        }
        other => other.clone(),
    }
}

fn gate(gate: &Gate, environment: &Environment) -> Gate {
    let fill = |text: &String| environment.fill(text);
    let fill_target = |target: &Target| Target {
        api_version: target.api_version.clone(),
        kind: target.kind.clone(),
        name: fill(&target.name),
        namespace: target.namespace.as_ref().map(fill),
    };
    match gate {
        Gate::Rollout(target) => Gate::Rollout(fill_target(target)),
        Gate::Autoscaler { name } => Gate::Autoscaler { name: fill(name) },
        Gate::IngressAddress { name } => Gate::IngressAddress { name: fill(name) },
        Gate::Certificate(wanted) => Gate::Certificate(CertificateWanted {
            name: fill(&wanted.name),
            hosts: wanted.hosts.iter().map(fill).collect(),
            issuer: wanted.issuer.as_ref().map(fill),
        }),
        Gate::Condition { target, condition, status } => Gate::Condition {
            target: fill_target(target),
            condition: condition.clone(),
            status: status.clone(),
        },
        Gate::Http { url, status, contains } => {
            Gate::Http { url: fill(url), status: *status, contains: contains.as_ref().map(fill) }
        }
        Gate::Parity(parity) => Gate::Parity(Parity {
            hosts: parity.hosts.iter().map(fill).collect(),
            paths: parity.paths.iter().map(fill).collect(),
            old: entry(&parity.old, environment),
            new: entry(&parity.new, environment),
            ca: parity.ca.as_ref().map(|path| environment.fill_path(path)),
            ..parity.clone()
        }),
        Gate::Workflow(gate) => Gate::Workflow(WorkflowGate {
            file: gate.file.as_ref().map(fill),
            branch: gate.branch.as_ref().map(fill),
            title: gate.title.as_ref().map(fill),
        }),
        Gate::Images { path } => Gate::Images { path: environment.fill_path(path) },
        Gate::Dns { host, to } => Gate::Dns { host: fill(host), to: entry(to, environment) },
        Gate::Service(request) => Gate::Service(ServiceRequest {
            service: fill(&request.service),
            namespace: request.namespace.as_ref().map(fill),
            path: fill(&request.path),
            contains: request.contains.as_ref().map(fill),
            json: request.json.iter().map(|one| expectation(one, environment)).collect(),
            ..request.clone()
        }),
    }
}

fn expectation(expectation: &Expectation, environment: &Environment) -> Expectation {
    let wanted = match &expectation.wanted {
        Wanted::Equals(serde_json::Value::String(text)) => Wanted::Equals(environment.fill(text).into()),
        other => other.clone(),
    };
    Expectation { path: expectation.path.clone(), wanted }
}

/// A variable may stand for either sort of entry.
fn entry(entry: &Entry, environment: &Environment) -> Entry {
    let filled = environment.fill(&entry.to_string());
    Entry::parse(&filled).unwrap_or(Entry::Address(filled))
}
