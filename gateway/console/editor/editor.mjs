// The editor of the explorer: CodeMirror with GraphQL's completion and validation, and what of graphql-js the page needs.
// `scripts/console` makes page/editor.js of it.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { HighlightStyle, bracketMatching, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap, linter } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { graphql, updateSchema } from "cm6-graphql";
import { buildClientSchema, getIntrospectionQuery, getNamedType, parse } from "graphql";

export { buildClientSchema, getIntrospectionQuery, getNamedType, parse };

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.definitionKeyword, tags.atom], color: "var(--code-word)" },
  { tag: [tags.propertyName, tags.name], color: "var(--code-name)" },
  { tag: [tags.typeName, tags.annotation], color: "var(--code-type)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-text)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-value)" },
  { tag: [tags.variableName, tags.special(tags.name), tags.attributeName], color: "var(--code-variable)" },
  { tag: tags.comment, color: "var(--faint)" },
]);

const looks = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "var(--field)", fontSize: "13px" },
  "&.cm-focused": { outline: "none" }, // its place in the page has one
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--field)", color: "var(--faint)", border: "none" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--panel)", border: "none", color: "var(--faint)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--selected)",
  },
  ".cm-tooltip": { backgroundColor: "var(--panel)", color: "var(--ink)", border: "1px solid var(--line)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-completionDetail": { color: "inherit", opacity: "0.7", fontStyle: "normal" },
  ".cm-completionInfo": { maxWidth: "26em", padding: "6px 10px", whiteSpace: "pre-wrap" },
  ".cm-diagnostic": { color: "var(--ink)" },
  // In place of pictures in the style sheet, which a strict policy does not load.
  ".cm-lintRange.cm-lintRange": { backgroundImage: "none", textDecoration: "underline wavy var(--bad)", textUnderlineOffset: "3px" },
  ".cm-lintRange.cm-lintRange-warning": { textDecorationColor: "var(--care)" },
});

// An empty field is no mistake: nothing is sent then.
const mistakes = jsonParseLinter();
const jsonMistakes = linter((view) => (view.state.doc.toString().trim() ? mistakes(view) : []));

function described(item) {
  const text = item.documentation || item.type?.description;
  if (!text) return null;
  const node = document.createElement("div");
  node.textContent = text;
  return node;
}

const languages = {
  graphql: () => [
    ...graphql(undefined, { onCompletionInfoRender: described }),
    autocompletion({ icons: false }),
    closeBrackets(),
  ],
  json: () => [json(), jsonMistakes, closeBrackets()],
  shown: () => [json()],
};

/**
 * An editor inside `host`. It lives in a shadow root, where its styles are style sheets that a strict Content-Security-Policy
 * takes; in the document they would be <style> elements, which it does not. Tab leaves it, as every field.
 */
export function makeEditor({ host, language, label, onRun }) {
  const root = host.attachShadow({ mode: "open" });
  const readOnly = language === "shown";
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      extensions: [
        keymap.of([{ key: "Mod-Enter", run: () => (onRun?.(), true) }]),
        lineNumbers(),
        foldGutter(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        EditorView.lineWrapping,
        EditorState.readOnly.of(readOnly),
        EditorView.contentAttributes.of(() => ({ "aria-label": label(), "aria-readonly": String(readOnly) })),
        syntaxHighlighting(colours),
        looks,
        languages[language](),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap]),
      ],
    }),
  });
  return {
    get text() {
      return view.state.doc.toString();
    },
    set text(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 } });
      view.scrollDOM.scrollTop = 0;
    },
    set schema(schema) {
      updateSchema(view, schema);
    },
    focus: () => view.focus(),
    relabel: () => view.dispatch({}),
  };
}
