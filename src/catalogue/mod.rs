//! Components that are retired, moved, renamed or deprecated, with dates, sources and what to use instead; and
//! which one brings a kind.
//!
//! Pure: the list is part of the program. Who uses one of these in a step must say in the plan that it is
//! meant (`acknowledge`), so that nobody builds on an ended component without knowing.

mod bringers;

use std::sync::LazyLock;

use serde::Deserialize;

pub use bringers::{Bringer, bringer};

/// A component that should not be built on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// As a plan acknowledges it.
    pub name: String,
    /// What became of it.
    pub what: String,
    /// What to use instead.
    pub instead: String,
    /// Since when, as `2026-03` or `2025-12-31`; empty where there is no date.
    pub since: String,
    /// Who says so.
    pub source: String,
    #[serde(default)]
    charts: Vec<String>,
    #[serde(default)]
    images: Vec<String>,
    #[serde(default)]
    actions: Vec<String>,
}

#[derive(Default, Deserialize)]
struct List {
    component: Vec<Component>,
    bringer: Vec<Bringer>,
}

const TEXT: &str = concat!(include_str!("components.toml"), include_str!("bringers.toml"));

/// The list; a test holds it to be readable.
static LIST: LazyLock<List> = LazyLock::new(|| toml::from_str(TEXT).unwrap_or_default());

/// All of them.
#[must_use]
pub fn all() -> &'static [Component] {
    &LIST.component
}

/// The component of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Component> {
    all().iter().find(|component| component.name == name)
}

/// The component that a chart installs: `oci://…/NAME`, `REPOSITORY/NAME` with the repository's name, or its
/// URL and the chart's name joined by `/`. A version may follow after `:` or `@`.
#[must_use]
pub fn of_chart(chart: &str) -> Option<&'static Component> {
    let chart = bare(chart);
    all().iter().find(|component| component.charts.iter().any(|known| ends_with(&chart, known)))
}

/// The component that an image is of, by its name without registry, tag and digest.
#[must_use]
pub fn of_image(image: &str) -> Option<&'static Component> {
    let image = bare(image);
    all().iter().find(|component| component.images.iter().any(|known| ends_with(&image, known)))
}

/// The component that a step of a GitHub workflow uses, as in `azure/setup-kubectl@v3`.
#[must_use]
pub fn of_action(action: &str) -> Option<&'static Component> {
    let action = action.to_lowercase();
    let (name, version) = action.split_once('@').unwrap_or((&action, ""));
    let major = version.split('.').next().unwrap_or_default();
    all().iter().find(|component| {
        component.actions.iter().any(|known| match known.split_once('@') {
            Some((known, ended)) => known == name && ended == major,
            None => known == name,
        })
    })
}

/// Without scheme, digest and tag, in lower case.
fn bare(name: &str) -> String {
    let name = name.split_once("://").map_or(name, |(_, rest)| rest).to_lowercase();
    let name = name.split('@').next().unwrap_or_default();
    // A colon before the last slash is a registry's port.
    let name = match name.rsplit_once(':') {
        Some((before, tag)) if !tag.contains('/') => before,
        _ => name,
    };
    name.trim_end_matches('/').to_owned()
}

/// Does a name end with these whole segments?
fn ends_with(name: &str, known: &str) -> bool {
    name == known || name.strip_suffix(known).is_some_and(|before| before.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::{LIST, List, TEXT, all, named, of_action, of_chart, of_image};

    #[test]
    fn the_list_can_be_read_and_each_entry_says_what_to_do() {
        let list: List = toml::from_str(TEXT).unwrap();
        assert_eq!((list.component.len(), list.bringer.len()), (all().len(), LIST.bringer.len()));
        for one in all() {
            assert_eq!(named(&one.name), Some(one), "a name is there once");
            assert!(!one.what.is_empty() && !one.instead.is_empty(), "{}", one.name);
            assert!(one.source.starts_with("https://"), "{}", one.name);
            assert!(one.charts.len() + one.images.len() + one.actions.len() > 0, "{}", one.name);
        }
    }

    #[test]
    fn a_chart_is_known_by_repository_and_name_however_it_is_written() {
        let name = |chart: &str| of_chart(chart).map(|one| one.name.as_str());
        for chart in
            ["ingress-nginx/ingress-nginx", "https://kubernetes.github.io/ingress-nginx/ingress-nginx"]
        {
            assert_eq!(name(chart), Some("ingress-nginx"), "{chart}");
        }
        assert_eq!(name("https://grafana.github.io/helm-charts/loki"), Some("loki-chart"));
        assert_eq!(name("grafana/promtail:6.17.0"), Some("promtail"));
        assert_eq!(name("jaegertracing/jaeger-operator@2.0.0"), Some("jaeger-operator"));
        for fine in [
            "oci://ghcr.io/grafana-community/helm-charts/loki",
            "jaegertracing/jaeger",
            "grafana/alloy",
            "my-ingress-nginx/ingress",
            "",
        ] {
            assert_eq!(name(fine), None, "{fine}");
        }
    }

    #[test]
    fn an_image_is_known_whatever_its_registry_and_tag() {
        let name = |image: &str| of_image(image).map(|one| one.name.as_str());
        assert_eq!(
            name("registry.k8s.io/ingress-nginx/controller:v1.15.1@sha256:abc"),
            Some("ingress-nginx")
        );
        assert_eq!(name("localhost:5000/jaegertracing/all-in-one:1.62"), Some("jaeger-v1"));
        assert_eq!(name("grafana/promtail"), Some("promtail"));
        for fine in
            ["jaegertracing/jaeger:2.10.0", "nginx:1.29", "acme/grafana-promtail", "localhost:5000/app"]
        {
            assert_eq!(name(fine), None, "{fine}");
        }
    }

    #[test]
    fn an_action_is_known_by_name_and_major_version() {
        let name = |action: &str| of_action(action).map(|one| one.name.as_str());
        assert_eq!(name("azure/k8s-setup-kubectl@v3"), Some("k8s-setup-kubectl"));
        assert_eq!(name("Azure/setup-kubectl@v3.2.1"), Some("old-setup-kubectl"));
        assert_eq!(name("azure/setup-kubectl@v5"), None);
    }
}
