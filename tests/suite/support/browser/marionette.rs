//! WebDriver for Firefox. Debian has Firefox without geckodriver, so this takes the commands over HTTP as geckodriver
//! would, and hands them on to Marionette, Firefox's own end, which knows them all by other names.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

use crate::support::http::Connection;

/// What WebDriver asks for below a session, and what Marionette calls it. What stands in braces goes along by that
/// name, beside what the body says.
const COMMANDS: [(&str, &str, &str); 46] = [
    ("DELETE", "", "WebDriver:DeleteSession"),
    ("GET", "timeouts", "WebDriver:GetTimeouts"),
    ("POST", "timeouts", "WebDriver:SetTimeouts"),
    ("POST", "url", "WebDriver:Navigate"),
    ("GET", "url", "WebDriver:GetCurrentURL"),
    ("POST", "back", "WebDriver:Back"),
    ("POST", "forward", "WebDriver:Forward"),
    ("POST", "refresh", "WebDriver:Refresh"),
    ("GET", "title", "WebDriver:GetTitle"),
    ("GET", "source", "WebDriver:GetPageSource"),
    ("GET", "window", "WebDriver:GetWindowHandle"),
    ("POST", "window", "WebDriver:SwitchToWindow"),
    ("DELETE", "window", "WebDriver:CloseWindow"),
    ("POST", "window/new", "WebDriver:NewWindow"),
    ("GET", "window/handles", "WebDriver:GetWindowHandles"),
    ("GET", "window/rect", "WebDriver:GetWindowRect"),
    ("POST", "window/rect", "WebDriver:SetWindowRect"),
    ("POST", "frame", "WebDriver:SwitchToFrame"),
    ("POST", "frame/parent", "WebDriver:SwitchToParentFrame"),
    ("GET", "element/active", "WebDriver:GetActiveElement"),
    ("POST", "element", "WebDriver:FindElement"),
    ("POST", "elements", "WebDriver:FindElements"),
    ("POST", "element/{element}/element", "WebDriver:FindElement"),
    ("POST", "element/{element}/elements", "WebDriver:FindElements"),
    ("GET", "element/{id}/displayed", "WebDriver:IsElementDisplayed"),
    ("GET", "element/{id}/selected", "WebDriver:IsElementSelected"),
    ("GET", "element/{id}/enabled", "WebDriver:IsElementEnabled"),
    ("GET", "element/{id}/attribute/{name}", "WebDriver:GetElementAttribute"),
    ("GET", "element/{id}/property/{name}", "WebDriver:GetElementProperty"),
    ("GET", "element/{id}/css/{propertyName}", "WebDriver:GetElementCSSValue"),
    ("GET", "element/{id}/text", "WebDriver:GetElementText"),
    ("GET", "element/{id}/name", "WebDriver:GetElementTagName"),
    ("GET", "element/{id}/rect", "WebDriver:GetElementRect"),
    ("POST", "element/{id}/click", "WebDriver:ElementClick"),
    ("POST", "element/{id}/clear", "WebDriver:ElementClear"),
    ("POST", "element/{id}/value", "WebDriver:ElementSendKeys"),
    ("POST", "execute/sync", "WebDriver:ExecuteScript"),
    ("POST", "execute/async", "WebDriver:ExecuteAsyncScript"),
    ("GET", "cookie", "WebDriver:GetCookies"),
    ("POST", "cookie", "WebDriver:AddCookie"),
    ("DELETE", "cookie", "WebDriver:DeleteAllCookies"),
    ("DELETE", "cookie/{name}", "WebDriver:DeleteCookie"),
    ("POST", "actions", "WebDriver:PerformActions"),
    ("DELETE", "actions", "WebDriver:ReleaseActions"),
    ("GET", "screenshot", "WebDriver:TakeScreenshot"),
    ("POST", "print", "WebDriver:Print"),
];

/// Answers WebDriver for the Firefox whose Marionette is at this address, for as long as the test runs.
pub async fn serve(firefox: SocketAddr) -> SocketAddr {
    let marionette = Arc::new(Mutex::new(Marionette::connect(firefox).await.unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(translate(stream, Arc::clone(&marionette)));
        }
    });
    address
}

/// Serves one client until it goes, or Firefox does.
async fn translate(stream: TcpStream, marionette: Arc<Mutex<Marionette>>) -> io::Result<()> {
    let mut client = Connection::on(stream)?;
    loop {
        let request = client.request().await?;
        let body = serde_json::from_slice(request.body).unwrap_or_else(|_| json!({}));
        let (status, value) = match command(request.method, request.path, body) {
            Some((name, parameters)) => marionette.lock().await.ask(name, &parameters).await?,
            None => unknown(request.method, request.path),
        };
        let answer = json!({"value": value}).to_string();
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
            answer.len()
        );
        client.send((head + &answer).as_bytes()).await?;
    }
}

/// The command behind a request, with its parameters.
fn command(method: &str, path: &str, mut parameters: Value) -> Option<(&'static str, Value)> {
    let below = path.strip_prefix("/session")?;
    // What a session is to be like stands in the profile.
    let Some((_, below)) = below
        .strip_prefix('/')
        .map(|rest| rest.split_once('/').unwrap_or((rest, "")))
    else {
        return Some(("WebDriver:NewSession", json!({})));
    };
    let (name, named) = COMMANDS
        .iter()
        .filter(|(known, _, _)| *known == method)
        .find_map(|(_, shape, name)| Some((*name, fit(shape, below)?)))?;
    for (key, value) in named {
        parameters[key] = value.into();
    }
    if name == "WebDriver:TakeScreenshot" {
        // Marionette would take the whole page, WebDriver wants what is in view.
        parameters["full"] = false.into();
    }
    Some((name, parameters))
}

/// What stands in a path where the shape has names, if they fit.
fn fit<'s, 'p>(shape: &'s str, path: &'p str) -> Option<Vec<(&'s str, &'p str)>> {
    let (shape, path): (Vec<_>, Vec<_>) = (shape.split('/').collect(), path.split('/').collect());
    if shape.len() != path.len() {
        return None;
    }
    let mut named = Vec::new();
    for (wanted, part) in shape.into_iter().zip(path) {
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => named.push((name, part)),
            None if wanted == part => {}
            None => return None,
        }
    }
    Some(named)
}

fn unknown(method: &str, path: &str) -> (&'static str, Value) {
    let message = format!("{method} {path} is not translated for Firefox");
    (
        "404 Not Found",
        json!({"error": "unknown command", "message": message, "stacktrace": ""}),
    )
}

/// The connection to Firefox: messages are JSON with their length before them.
struct Marionette {
    stream: BufReader<TcpStream>,
    asked: u64,
}

impl Marionette {
    async fn connect(firefox: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(firefox).await?;
        stream.set_nodelay(true)?;
        let mut marionette = Self {
            stream: BufReader::new(stream),
            asked: 0,
        };
        // It says first who it is.
        marionette.read().await?;
        Ok(marionette)
    }

    /// Gives a command and waits for what comes of it: the status to answer with, and the value.
    async fn ask(&mut self, command: &str, parameters: &Value) -> io::Result<(&'static str, Value)> {
        self.asked += 1;
        let message = json!([0, self.asked, command, parameters]).to_string();
        let message = format!("{}:{message}", message.len());
        self.stream.get_mut().write_all(message.as_bytes()).await?;
        loop {
            let mut answer = self.read().await?;
            if answer[0] == 1 && answer[1] == self.asked {
                return Ok(match answer[2].take() {
                    Value::Null => ("200 OK", unwrap(answer[3].take())),
                    error => ("500 Internal Server Error", error),
                });
            }
        }
    }

    async fn read(&mut self) -> io::Result<Value> {
        let mut length = Vec::new();
        self.stream.read_until(b':', &mut length).await?;
        length.pop();
        let length = std::str::from_utf8(&length).ok().and_then(|digits| digits.parse().ok());
        let mut message = vec![0; length.ok_or(io::ErrorKind::UnexpectedEof)?];
        self.stream.read_exact(&mut message).await?;
        Ok(serde_json::from_slice(&message)?)
    }
}

/// Some results come as they are, some as the one field of an object.
fn unwrap(mut result: Value) -> Value {
    match result.as_object_mut() {
        Some(fields) if fields.len() == 1 => fields.remove("value").unwrap_or(result),
        _ => result,
    }
}
