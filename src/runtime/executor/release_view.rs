//! What is shown of a release besides the rows of its objects.

use serde_json::Value;

use super::{helm::Known, release_hooks};
use crate::{
    diff::{ChartView, HookView, ReleaseView, Risk, RiskKind},
    helm::{Chart, Rendered, Workplace, shown},
    object::{Key, Object},
    rollback::{Recovery, ReleaseAction, ReleaseOrder, can_be_left},
};

/// A fact of the release's row: its name, before, after.
pub(super) type Fact = (&'static str, Option<Value>, Option<Value>);

/// What the row of the release shows.
pub(super) fn facts(
    known: &Known,
    order: &ReleaseOrder,
    chart: &str,
    app_version: Option<&str>,
) -> Vec<Fact> {
    let last = known.last();
    vec![
        ("revision", last.map(|last| last.revision.into()), order.comes_to().map(Into::into)),
        ("chart", last.map(|last| last.chart.clone().into()), Some(chart.into())),
        (
            "appVersion",
            last.map(|last| last.app_version.as_str()).filter(|version| !version.is_empty()).map(Into::into),
            app_version.filter(|version| !version.is_empty()).map(Into::into),
        ),
        ("status", last.map(|last| last.status.to_string().into()), Some("deployed".into())),
    ]
}

/// What helm is told to do, in words.
pub(super) fn told_to(order: &ReleaseOrder) -> String {
    match (&order.action, order.before, order.recovery) {
        (ReleaseAction::Rollback { to, .. }, ..) => format!("roll back to revision {to}"),
        (ReleaseAction::Uninstall, ..) => "uninstall".to_owned(),
        (ReleaseAction::Nothing, ..) => "nothing: the release is as it was".to_owned(),
        (ReleaseAction::Upgrade { .. }, None, _) => "install".to_owned(),
        (ReleaseAction::Upgrade { .. }, Some(_), Some(Recovery::Uninstall)) => {
            "uninstall what there is, then install anew".to_owned()
        }
        (ReleaseAction::Upgrade { .. }, Some(_), _) => {
            format!("upgrade to revision {}", order.comes_to().unwrap_or_default())
        }
    }
}

/// What is shown of a release besides its rows.
pub(super) fn view(
    order: &ReleaseOrder,
    place: &Workplace,
    known: &Known,
    action: String,
    chart: Option<&Chart>,
    (rendered, hooks): (&Rendered, Vec<HookView>),
) -> ReleaseView {
    ReleaseView {
        name: order.name.clone(),
        namespace: order.namespace.clone(),
        action,
        helm: place.helm.to_string(),
        chart: chart.map(|chart| ChartView {
            name: chart.name.clone(),
            version: chart.version.clone(),
            source: chart.source.clone(),
            sha256: chart.sha256.clone(),
        }),
        hooks,
        history: shown(&known.history),
        stays: staying(&rendered.objects, &order.namespace)
            .chain(rendered.crds.iter().map(Object::key))
            .chain(release_hooks::left(&rendered.hooks))
            .collect(),
    }
}

/// What helm leaves when a release goes: what its chart keeps, and the claims of its StatefulSets.
fn staying<'a>(objects: &'a [Object], namespace: &'a str) -> impl Iterator<Item = Key> + 'a {
    objects.iter().flat_map(move |object| {
        let keeps = object.text(&["metadata", "annotations", "helm.sh/resource-policy"]) == Some("keep");
        let kept = keeps.then(|| object.key());
        let templates = object.at(&["spec", "volumeClaimTemplates"]).and_then(Value::as_array);
        let claims = templates.into_iter().flatten().filter_map(move |template| {
            let name = template.pointer("/metadata/name")?.as_str()?;
            Some(Key {
                group: String::new(),
                kind: "PersistentVolumeClaim".to_owned(),
                namespace: Some(namespace.to_owned()),
                name: format!("{name}-{}-*", object.name()),
            })
        });
        kept.into_iter().chain(claims)
    })
}

/// What is to be known of a chart before it is installed.
pub(super) fn told_of(
    chart: &Chart,
    rendered: &Rendered,
    view: &ReleaseView,
    (namespace, own): (&str, &str),
) -> Vec<Risk> {
    let warning = |message: String| Risk { kind: RiskKind::Warning, key: None, message };
    let mut risks = Vec::new();
    if namespace != own {
        risks.push(warning(format!(
            "the release goes to the namespace {namespace}, which is not the environment's ({own})"
        )));
    }
    if let Some(other) = &chart.differs_from {
        risks.push(warning(format!(
            "{} {} is another archive than was fetched before under that version ({other} then, {} now)",
            chart.name,
            chart.version,
            chart.sha256.get(..12).unwrap_or_default()
        )));
    }
    if !rendered.looked_up {
        risks.push(warning(
            "rendered without asking the cluster: what the chart looks up there was taken to be absent"
                .to_owned(),
        ));
    }
    risks.extend(view.stays.iter().map(|key| {
        Risk {
            kind: RiskKind::Stays,
            key: Some(key.clone()),
            message: if can_be_left(key) {
                "it stays when the release is uninstalled; L, or `rollback --with-leftovers`, deletes it"
            } else {
                "it stays when the release is uninstalled, and is then deleted by hand"
            }
            .to_owned(),
        }
    }));
    risks
}
