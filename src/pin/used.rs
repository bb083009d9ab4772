//! Which images objects use.

use std::collections::BTreeMap;

use serde_json::Value;

use super::ImageName;
use crate::object::Object;

/// An image, and who uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The image.
    pub image: ImageName,
    /// As in `Deployment/gateway`, each once.
    pub by: Vec<String>,
}

/// The lists of containers that kustomize looks into, wherever they are in an object.
const LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// The images of these objects, each once, in the order of their names.
#[must_use]
pub fn used(objects: &[Object]) -> Vec<Used> {
    let mut found: BTreeMap<ImageName, Vec<String>> = BTreeMap::new();
    for object in objects {
        let mut images = Vec::new();
        look(&object.0, &mut images);
        for image in images {
            let by = found.entry(ImageName::parse(image)).or_default();
            let user = object.key().to_string();
            if !by.contains(&user) {
                by.push(user);
            }
        }
    }
    found.into_iter().map(|(image, by)| Used { image, by }).collect()
}

fn look<'v>(value: &'v Value, images: &mut Vec<&'v str>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if LISTS.contains(&name.as_str()) {
                    let items = field.as_array().into_iter().flatten();
                    images.extend(items.filter_map(|item| item.get("image")?.as_str()));
                }
                look(field, images);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| look(item, images)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::used;
    use crate::object::Object;

    #[test]
    fn every_container_of_every_object_is_looked_at() {
        let pods = json!({"template": {"spec": {
            "initContainers": [{"name": "i", "image": "busybox:1.36"}],
            "containers": [{"name": "a", "image": "acme/a:1"}, {"name": "b", "image": "busybox:1.36"}],
        }}});
        let object = |kind: &str, spec: &serde_json::Value| {
            Object(json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}, "spec": spec}))
        };
        let found =
            used(&[object("Deployment", &pods), object("CronJob", &json!({"jobTemplate": {"spec": pods}}))]);
        let told: Vec<(String, String)> =
            found.iter().map(|one| (one.image.to_string(), one.by.join(" "))).collect();
        let both = "Deployment/x CronJob/x".to_owned();
        assert_eq!(told, [("acme/a:1".to_owned(), both.clone()), ("busybox:1.36".to_owned(), both)]);
    }
}
