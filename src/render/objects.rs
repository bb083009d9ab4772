//! YAML and JSON texts as objects, read as the API server's own tools read them.

use std::{collections::BTreeSet, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Number, Value};
use serde_saphyr::Spanned;

use super::{content, lint, tree::Tree};
use crate::{
    diff::Problem,
    object::{Object, is_secret},
    plan::node::{self, SyntaxError},
};

/// More than any rendering has; the parser's own limit is for files from strangers.
const MOST_DOCUMENTS: usize = 50_000;
const MOST_NODES: usize = 10_000_000;

/// The largest whole number that a float holds exactly.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;

/// Reads a text of any number of documents; `origin` is how it is named in problems.
///
/// Lists are taken apart, a Secret's `stringData` becomes `data` (a dropped key of `stringData` would
/// never leave the cluster), whole floats become integers. Namespaces are left as they are.
pub(crate) fn parse(text: &str, origin: &str) -> Result<Vec<Object>, Vec<Problem>> {
    let is_json =
        Path::new(origin).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let documents = if is_json { json(text) } else { yaml(text) };
    let documents = documents.map_err(|error| {
        vec![Problem::new(
            format!("{origin}:{}:{}", error.place.line, error.place.column),
            format!("it cannot be read: {}", error.message),
            "correct the file",
        )]
    })?;
    let mut reader = Reader { origin, objects: Vec::new(), problems: Vec::new() };
    for (index, (line, value)) in documents.into_iter().enumerate() {
        reader.document(&format!("{origin}, document {} (line {line})", index + 1), value);
    }
    reader.finish()
}

fn yaml(text: &str) -> Result<Vec<(u64, Value)>, SyntaxError> {
    let options = serde_saphyr::options! {
        with_snippet: false,
        legacy_octal_numbers: true,
        alias_limits: node::limits(),
        budget: serde_saphyr::budget! { max_documents: MOST_DOCUMENTS, max_nodes: MOST_NODES, max_events: 3 * MOST_NODES },
    };
    let documents: Vec<Spanned<Tree>> = serde_saphyr::from_multiple_with_options(text, options)
        .map_err(|error: serde_saphyr::Error| SyntaxError::of(&error, node::UNFOLDED))?;
    Ok(documents.into_iter().map(|document| (document.referenced.line().max(1), document.value.0)).collect())
}

/// The one document of a YAML text; null when there is none.
pub(crate) fn yaml_value(text: &str) -> Result<Value, SyntaxError> {
    let mut documents = yaml(text)?;
    match documents.len() {
        0 => Ok(Value::Null),
        1 => Ok(documents.remove(0).1),
        _ => Err(SyntaxError {
            place: crate::plan::node::Place::START,
            message: "it has several documents, of which one would win".to_owned(),
        }),
    }
}

fn json(text: &str) -> Result<Vec<(u64, Value)>, SyntaxError> {
    let value = serde_json::from_str(text).map_err(|error| SyntaxError {
        place: crate::plan::node::Place {
            line: u64::try_from(error.line()).unwrap_or(1),
            column: u64::try_from(error.column()).unwrap_or(1),
        },
        message: match error.classify() {
            serde_json::error::Category::Eof => "it ends too early".to_owned(),
            _ => "this is no JSON".to_owned(),
        },
    })?;
    Ok(vec![(1, value)])
}

struct Reader<'o> {
    origin: &'o str,
    objects: Vec<Object>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn document(&mut self, place: &str, value: Value) {
        match value {
            Value::Null => {}
            Value::Object(mut map) if is_list(&map) => {
                let item_kind =
                    map.get("kind").and_then(Value::as_str).and_then(|kind| kind.strip_suffix("List"));
                let item_kind = item_kind.filter(|kind| !kind.is_empty()).map(str::to_owned);
                let api_version = map.get("apiVersion").cloned();
                let Some(Value::Array(items)) = map.remove("items") else { return };
                for (index, mut item) in items.into_iter().enumerate() {
                    // The items of a typed list may leave out what the list says for all of them.
                    if let (Value::Object(fields), Some(kind)) = (&mut item, &item_kind) {
                        fields.entry("kind").or_insert_with(|| Value::from(kind.as_str()));
                        if let Some(version) = &api_version {
                            fields.entry("apiVersion").or_insert_with(|| version.clone());
                        }
                    }
                    self.document(&format!("{place}, item {}", index + 1), item);
                }
            }
            Value::Object(map) => self.object(place, map),
            _ => self.refuse(place, "it is no object", "every document has apiVersion, kind and metadata"),
        }
    }

    fn object(&mut self, place: &str, map: Map<String, Value>) {
        let mut object = Object(Value::Object(map));
        whole_numbers(&mut object.0);
        if object.group() == "kustomize.config.k8s.io" {
            return self.refuse(
                place,
                "it is a kustomization, not an object",
                "use a kustomize step for its folder",
            );
        }
        let lacks = if object.api_version().is_empty() {
            Some("apiVersion")
        } else if object.kind().is_empty() {
            Some("kind")
        } else if object.name().is_empty() {
            Some("metadata.name")
        } else {
            None
        };
        if let Some(field) = lacks {
            let generated = field == "metadata.name" && object.text(&["metadata", "generateName"]).is_some();
            let remedy =
                if generated { "give it a name: a generated one is new each time" } else { "add it" };
            return self.refuse(place, &format!("it has no `{field}`"), remedy);
        }
        // What may be one segment of a URL's path (the API server's own rule for names), and shown as it is.
        let is_odd = |letter: char| letter.is_control() || letter.is_whitespace() || "/%?#".contains(letter);
        for text in [object.name(), object.namespace().unwrap_or("default"), object.kind()] {
            if text == "." || text == ".." || text.contains(is_odd) {
                let reason = format!("{text:?} can be no name");
                return self.refuse(place, &reason, "use letters, digits, `-` and `.`");
            }
        }
        if let Err(field) = encode_string_data(&mut object) {
            return self.refuse(place, &format!("`{field}` is no text"), "put the value in quotes");
        }
        self.objects.push(object);
    }

    fn refuse(&mut self, place: &str, reason: &str, remedy: &str) {
        self.problems.push(Problem::new(place, reason, remedy));
    }

    fn finish(mut self) -> Result<Vec<Object>, Vec<Problem>> {
        self.problems.extend(duplicates(&self.objects, self.origin));
        for object in &self.objects {
            self.problems.extend(lint::repeated_variables(object, self.origin));
            self.problems.extend(content::of(object, self.origin));
        }
        if self.problems.is_empty() { Ok(self.objects) } else { Err(self.problems) }
    }
}

/// Objects that are there twice: the second would silently win.
pub(super) fn duplicates(objects: &[Object], origin: &str) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let mut twice = BTreeSet::new();
    for object in objects {
        let key = object.key();
        if !seen.insert(key.clone()) {
            twice.insert(key);
        }
    }
    let problem =
        |key: crate::object::Key| Problem::new(origin, format!("{key} is there twice"), "keep one of them");
    twice.into_iter().map(problem).collect()
}

fn is_list(map: &Map<String, Value>) -> bool {
    map.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"))
        && map.get("items").is_some_and(Value::is_array)
}

/// `1.0` is the integer 1 to the API server's tools, and a float is refused where an integer belongs.
fn whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(float) = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0)
                && float.abs() < LARGEST_WHOLE
            {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "whole and small enough, as was just tested"
                )]
                let whole = float as i64;
                *number = Number::from(whole);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(map) => map.values_mut().for_each(whole_numbers),
        _ => {}
    }
}

/// Moves a Secret's `stringData` into `data`, as the API server does on a write.
///
/// # Errors
/// The path of a value that is no text; never the value.
fn encode_string_data(object: &mut Object) -> Result<(), String> {
    if !is_secret(object) {
        return Ok(());
    }
    let Value::Object(map) = &mut object.0 else { return Ok(()) };
    let texts = match map.remove("stringData") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Object(texts)) => texts,
        Some(_) => return Err("stringData".to_owned()),
    };
    let data = map.entry("data").or_insert_with(|| Value::Object(Map::new()));
    if data.is_null() {
        *data = Value::Object(Map::new());
    }
    let Value::Object(data) = data else { return Err("data".to_owned()) };
    for (name, text) in texts {
        let Value::String(text) = text else { return Err(format!("stringData.{name}")) };
        data.insert(name, Value::from(STANDARD.encode(text)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    fn problem(text: &str) -> String {
        parse(text, "x.yml").unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn documents_and_lists_become_objects() {
        let text = "---\n# nothing\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\napiVersion: v1\nkind: ConfigMapList\nitems:\n- {metadata: {name: b}}\n";
        let names: Vec<String> =
            parse(text, "x.yml").unwrap().iter().map(|one| one.key().to_string()).collect();
        assert_eq!(names, ["ConfigMap/a", "ConfigMap/b"]);
    }

    #[test]
    fn numbers_and_booleans_are_those_of_kubectl() {
        let text = "apiVersion: v1\nkind: A\nmetadata: {name: a}\nmode: 0644\nport: 80.0\nhalf: 0.5\nthousand: 1e3\non: yes\n";
        let object = &parse(text, "x.yml").unwrap()[0].0;
        assert_eq!(object["mode"], json!(420));
        assert_eq!(object["port"], json!(80));
        assert_eq!(object["half"], json!(0.5));
        assert_eq!(object["thousand"], json!(1000));
        assert!(object.to_string().contains("true"), "{object}");
    }

    #[test]
    fn keys_are_those_of_kubectl_and_helm() {
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {y: a, \"n\": b, off: c, 0644: d, yes.no: e}\n";
        let object = &parse(text, "x.yml").unwrap()[0].0;
        assert_eq!(object["data"], json!({"true": "a", "n": "b", "false": "c", "420": "d", "yes.no": "e"}));
        assert!(problem("apiVersion: v1\nkind: A\nmetadata: {name: a}\ny: 1\non: 2\n").contains("`true`"));
    }

    #[test]
    fn what_is_no_object_is_named_with_its_line() {
        assert!(
            problem("apiVersion: v1\nkind: A\nmetadata: {name: a}\n---\nkind: B\n")
                .contains("document 2 (line 5)")
        );
        assert!(problem("apiVersion: v1\nmetadata: {name: a}\n").contains("no `kind`"));
        assert!(problem("apiVersion: v1\nkind: A\nmetadata: {generateName: a-}\n").contains("generated"));
        assert!(problem("- 1\n").contains("no object"));
        assert!(problem("a: [\n").contains("x.yml:"));
        assert!(
            problem("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n")
                .contains("kustomize step")
        );
    }

    #[test]
    fn the_same_object_twice_is_refused() {
        let one = "apiVersion: v1\nkind: A\nmetadata: {name: a, namespace: n}\n";
        assert!(problem(&format!("{one}---\n{one}")).contains("A/a is there twice"));
    }

    #[test]
    fn string_data_becomes_data_and_its_values_are_never_shown() {
        let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: eA==, b: eA==}\nstringData: {b: hello}\n";
        let object = &parse(text, "x.yml").unwrap()[0].0;
        assert_eq!(object["data"], json!({"a": "eA==", "b": "aGVsbG8="}));
        assert!(object.get("stringData").is_none());
        let bad = problem("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {pin: 40967}\n");
        assert!(bad.contains("stringData.pin") && !bad.contains("40967"), "{bad}");
    }

    #[test]
    fn a_bomb_of_aliases_is_told_as_what_it_is() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..10 {
            let below = vec![format!("*a{}", level - 1); 9].join(", ");
            bomb = format!("{bomb}a{level}: &a{level} [{below}]\n");
        }
        assert!(problem(&bomb).contains("aliases (`*name`) unfold into more than"), "{}", problem(&bomb));
    }

    #[test]
    fn a_thousand_documents_are_no_limit() {
        let one = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: n";
        let text: String =
            (0..3000).flat_map(|number| [one.to_owned(), number.to_string(), "}\n".to_owned()]).collect();
        assert_eq!(parse(&text, "x.yml").unwrap().len(), 3000);
    }
}
