import type { CompletedCommand, CompletedOption } from "./completion.ts";

/*
 * One script for each shell, with everything in it: a program that is asked at every Tab would take a tenth of a second
 * each time. Texts come from the action.yml files, and are quoted for the shell all the same.
 */

const program = "azureml-clusters";

/** The script for bash, 3.2 (macOS) and newer. */
export function bash(commands: readonly CompletedCommand[]): string {
  const words = (list: readonly string[]) => `_azureml_clusters_words ${single(list.join(" "))}`;
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap((option) => {
      if (option.takes === "nothing") return [];
      const pattern = names(option)
        .map((flag) => `${name}:${flag}`)
        .join("|");
      const does =
        typeof option.takes === "object"
          ? words(option.takes)
          : option.takes === "file"
            ? "_azureml_clusters_files"
            : ":";
      return [`    ${pattern}) ${does}; return ;;`];
    }),
  );
  const options = commands.map(
    (command) => `    ${command.name}) ${words([...command.words, ...command.options.flatMap(names)])} ;;`,
  );
  return `# bash completion for ${program}
_azureml_clusters_words() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}
_azureml_clusters_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  case "$cur" in
    @*) COMPREPLY=($(compgen -P @ -f -- "\${cur#@}")) ;;
    *) COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
}
_azureml_clusters() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" at=$((COMP_CWORD - 1)) prev
  COMPREPLY=()
  # Bash takes = and @ for ends of words.
  case "$cur" in =|@) cur= ;; esac
  case "\${COMP_WORDS[at]}" in =|@) at=$((at - 1)) ;; esac
  prev="\${COMP_WORDS[at]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    ${words([...commands.map(({ name }) => name), "--help", "--version"])}
    return
  fi
  case "\${COMP_WORDS[1]}:$prev" in
${values.join("\n")}
  esac
  case "\${COMP_WORDS[1]}" in
${options.join("\n")}
  esac
}
complete -F _azureml_clusters ${program}
`;
}

/** The script for zsh. */
export function zsh(commands: readonly CompletedCommand[]): string {
  const described = commands.map(({ name, text }) => `    ${single(`${name}:${text}`)}`);
  const cases = commands.map(({ name, options, words }) => {
    const specs = [
      ...options.flatMap(zshSpecs),
      ...(words.length > 0 ? [`1:word:(${words.join(" ")})`] : []),
    ];
    return `    ${name}) _arguments \\\n${specs.map((spec) => `      ${single(spec)}`).join(" \\\n")} ;;`;
  });
  return `#compdef ${program}
_azureml_clusters() {
  local -a commands
  commands=(
${described.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
if [[ $funcstack[1] == _azureml_clusters ]]; then
  _azureml_clusters "$@"
else
  compdef _azureml_clusters ${program}
fi
`;
}

function zshSpecs(option: CompletedOption): string[] {
  const text = option.text.replaceAll(/[[\]\\:]/g, "\\$&");
  const value = {
    nothing: "",
    file: ":file:_files",
    value: ":value: ",
  };
  const takes = typeof option.takes === "object" ? `:word:(${option.takes.join(" ")})` : value[option.takes];
  return names(option).map((flag) => `*${flag}[${text}]${takes}`);
}

/** The script for fish. */
export function fish(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, text, options, words }) => {
    const here = `complete -c ${program} -n ${single(`__fish_seen_subcommand_from ${name}`)}`;
    return [
      `complete -c ${program} -f -n __fish_use_subcommand -a ${name} -d ${fishQuoted(text)}`,
      ...words.map((word) => `${here} -f -a ${word}`),
      ...options.map((option) => `${here} ${fishOption(option)}`),
    ];
  });
  return `# fish completion for ${program}\n${lines.join("\n")}\n`;
}

function fishOption({ long, short, text, takes }: CompletedOption): string {
  const name = `-l ${long.slice(2)}${short ? ` -s ${short.slice(1)}` : ""}`;
  const value = { nothing: "-f", file: "-r -F", value: "-x" };
  const how = typeof takes === "object" ? `-x -a ${fishQuoted(takes.join(" "))}` : value[takes];
  return `${name} ${how} -d ${fishQuoted(text)}`;
}

/** The script for PowerShell. */
export function pwsh(commands: readonly CompletedCommand[]): string {
  const table = commands.map(({ name, text, options, words }) => {
    const rows = options.flatMap((option) =>
      names(option).map((flag) => {
        const takes = typeof option.takes === "object" ? option.takes.map(pwshQuoted).join(", ") : "";
        return `      ${pwshQuoted(flag)} = @{ Text = ${pwshQuoted(option.text)}; Words = @(${takes}) }`;
      }),
    );
    const own = words.map(
      (word) => `      ${pwshQuoted(word)} = @{ Text = ${pwshQuoted(word)}; Words = @() }`,
    );
    return `    ${pwshQuoted(name)} = @{ Text = ${pwshQuoted(text)}; Options = [ordered]@{\n${[...own, ...rows].join("\n")}\n    } }`;
  });
  return `# PowerShell completion for ${program}
Register-ArgumentCompleter -Native -CommandName ${program} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = [ordered]@{
${table.join("\n")}
  }
  $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  if ($words.Count -lt 2) { $found = $commands }
  elseif ($commands.Contains($words[1])) {
    $found = $commands[$words[1]].Options
    $last = $words[-1]
    if ($found.Contains($last) -and $found[$last].Words.Count -gt 0) {
      $given = $found[$last].Words
      $found = [ordered]@{}
      foreach ($word in $given) { $found[$word] = @{ Text = $word } }
    }
  } else { return }
  foreach ($name in $found.Keys) {
    if ($name -like "$wordToComplete*") {
      [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $found[$name].Text)
    }
  }
}
`;
}

function names({ long, short }: CompletedOption): string[] {
  return short ? [long, short] : [long];
}

/** Between single quotes nothing means anything to bash and zsh but the quote. */
function single(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}

function pwshQuoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
