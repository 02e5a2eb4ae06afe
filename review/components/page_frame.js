// Screen readers and the choice of Han glyphs follow the language of the document, which Streamlit leaves at English.

export default function ({ data }) {
  document.documentElement.lang = data.language;
  document.title = data.title;
}
