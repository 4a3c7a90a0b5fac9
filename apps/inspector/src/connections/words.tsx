/** A few words, each in a frame; the rest as a number. */
export function Words({ words, most = 2 }: { readonly words: readonly string[]; readonly most?: number }) {
  const different = [...new Set(words)];
  const rest = different.length - most;
  return (
    <span className="words" title={different.join(', ')}>
      {different.slice(0, most).map((word) => (
        <span className="word" key={word}>
          {word}
        </span>
      ))}
      {rest > 0 ? <span className="more">+{rest}</span> : null}
    </span>
  );
}
