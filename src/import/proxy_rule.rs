//! Traefik's rules (``Host(`a`) && PathPrefix(`/b`)``) as the routes that an Ingress can say.

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// None where no name is said, or one that this machine alone knows.
    pub(super) host: Option<String>,
    /// Begins with `/`.
    pub(super) path: String,
    /// This path, and none below it.
    pub(super) is_exact: bool,
}

/// The routes of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) routes: Vec<Route>,
    /// Matchers that an Ingress has no word for; what asks for them is left out, so that no more is let in than before.
    pub(super) lost: Vec<String>,
}

/// More ways than this are not taken apart.
const MOST: usize = 200;

/// One way through a rule; what is not said is anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Way {
    host: Option<String>,
    path: Option<(String, bool)>,
    is_lost: bool,
}

/// The routes of a rule; none where it is no rule.
pub(super) fn read(text: &str) -> Option<Rule> {
    let mut reader = Reader { rest: text.trim(), lost: Vec::new(), depth: 0 };
    let ways = reader.any_of()?;
    if !reader.rest.is_empty() {
        return None;
    }
    let mut rule = Rule { routes: Vec::new(), lost: reader.lost };
    for way in ways.into_iter().filter(|way| !way.is_lost) {
        let (path, is_exact) = way.path.unwrap_or_else(|| ("/".to_owned(), false));
        let route = Route { host: way.host.as_deref().and_then(public_host), path, is_exact };
        if !rule.routes.contains(&route) {
            rule.routes.push(route);
        }
    }
    Some(rule)
}

/// A name that others can ask for: not one of this machine or of a network at home.
pub(super) fn public_host(name: &str) -> Option<String> {
    let name = name.trim().to_ascii_lowercase();
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_private =
        matches!(last, "localhost" | "local" | "lan" | "internal" | "localdomain" | "home" | "test")
            || name.ends_with(".home.arpa")
            || last.chars().all(|c| c.is_ascii_digit());
    (name.contains('.') && name.len() <= 200 && name.split('.').all(is_label) && !is_private).then_some(name)
}

struct Reader<'t> {
    rest: &'t str,
    lost: Vec<String>,
    depth: usize,
}

impl Reader<'_> {
    fn take(&mut self, word: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(word) else { return false };
        self.rest = rest.trim_start();
        true
    }

    fn any_of(&mut self) -> Option<Vec<Way>> {
        let mut ways = self.all_of()?;
        while self.take("||") {
            ways.extend(self.all_of()?);
        }
        (ways.len() <= MOST).then_some(ways)
    }

    fn all_of(&mut self) -> Option<Vec<Way>> {
        let mut ways = self.one()?;
        while self.take("&&") {
            let others = self.one()?;
            if ways.len() * others.len() > MOST {
                return None;
            }
            ways = ways.iter().flat_map(|way| others.iter().filter_map(|other| both(way, other))).collect();
        }
        Some(ways)
    }

    fn one(&mut self) -> Option<Vec<Way>> {
        if self.take("!") {
            let before = self.rest;
            self.one()?;
            let denied = before.strip_suffix(self.rest).unwrap_or(before);
            self.lost.push(format!("!{}", denied.trim()));
            return Some(vec![Way { is_lost: true, ..Way::default() }]);
        }
        if self.take("(") {
            self.depth += 1;
            let ways = if self.depth > 20 { None } else { self.any_of() };
            self.depth -= 1;
            return ways.filter(|_| self.take(")"));
        }
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric())?;
        let (name, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        if !self.take("(") {
            return None;
        }
        let mut values = Vec::new();
        while !self.take(")") {
            values.push(self.value()?);
            self.take(",");
        }
        Some(values.into_iter().map(|value| self.way(name, value)).collect())
    }

    /// A text in backticks or quotes.
    fn value(&mut self) -> Option<String> {
        let quote = self.rest.chars().next().filter(|c| matches!(c, '`' | '"' | '\''))?;
        let inner = self.rest.get(1..)?;
        let end = inner.find(quote)?;
        let value = inner.get(..end)?.to_owned();
        self.rest = inner.get(end + 1..)?.trim_start();
        Some(value)
    }

    fn way(&mut self, name: &str, value: String) -> Way {
        let is_path = value.starts_with('/') && !value.contains(['{', '}', '*', '?', '#', ' ', '\\']);
        match name {
            "Host" => Way { host: Some(value), ..Way::default() },
            "PathPrefix" if is_path => Way { path: Some((value, false)), ..Way::default() },
            "Path" if is_path => Way { path: Some((value, true)), ..Way::default() },
            _ => {
                self.lost.push(name.to_owned());
                Way { is_lost: true, ..Way::default() }
            }
        }
    }
}

/// What asks for both; nothing where no request can.
fn both(one: &Way, other: &Way) -> Option<Way> {
    let host = match (&one.host, &other.host) {
        (Some(one), Some(other)) if one != other => return None,
        (one, other) => one.clone().or_else(|| other.clone()),
    };
    let path = match (&one.path, &other.path) {
        (Some(one), Some(other)) if one != other => return None,
        (one, other) => one.clone().or_else(|| other.clone()),
    };
    Some(Way { host, path, is_lost: one.is_lost || other.is_lost })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Route, Rule, public_host, read};

    fn routes(text: &str) -> Vec<String> {
        let told = |route: Route| {
            let host = route.host.unwrap_or_else(|| "?".to_owned());
            format!("{host}{}{}", route.path, if route.is_exact { "$" } else { "" })
        };
        read(text).unwrap().routes.into_iter().map(told).collect()
    }

    #[test]
    fn a_rule_comes_apart() {
        assert_eq!(routes("Host(`a.example.org`)"), ["a.example.org/"]);
        assert_eq!(
            routes("Host(`a.org`, `B.org`) && (PathPrefix(`/x`) || Path(\"/y\"))"),
            ["a.org/x", "a.org/y$", "b.org/x", "b.org/y$"]
        );
        assert_eq!(
            routes("Host(`blog.a.org`) || (Host(`a.org`) && PathPrefix(`/blog`))"),
            ["blog.a.org/", "a.org/blog"]
        );
        assert_eq!(routes("Host(`a.org`) && Host(`b.org`)"), [""; 0]);
        assert_eq!(routes("Host(`web.localhost`)"), ["?/"]);
    }

    #[test]
    fn what_an_ingress_cannot_say_lets_nobody_in() {
        let lost = |text: &str| read(text).unwrap();
        assert_eq!(
            lost("Host(`a.org`) && !PathPrefix(`/admin`)"),
            Rule { routes: vec![], lost: vec!["!PathPrefix(`/admin`)".to_owned()] }
        );
        assert_eq!(lost("HostRegexp(`.+`)").lost, ["HostRegexp"]);
        assert_eq!(routes("Host(`a.org`) || ClientIP(`10.0.0.0/8`)"), ["a.org/"]);
        assert_eq!(read("Host(`a.org`"), None);
        assert_eq!(read(&"(".repeat(1000)), None);
    }

    #[test]
    fn a_host_is_one_that_others_know() {
        assert_eq!(public_host("Shop.Example.org").as_deref(), Some("shop.example.org"));
        for name in
            ["localhost", "a.localhost", "nas.local", "127.0.0.1", "*.a.org", "a..b", "", "a_b.org", "-a.org"]
        {
            assert_eq!(public_host(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(Host|Path|[`()&|! a-z./é,])*") {
            let _ = read(&text);
        }
    }
}
