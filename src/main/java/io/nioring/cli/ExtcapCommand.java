package io.nioring.cli;

import com.sun.tools.attach.VirtualMachineDescriptor;
import io.nioring.observe.SocketFilter;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Adds the networks of running JVMs to Wireshark's list of interfaces. */
@Command(
    name = "extcap",
    mixinStandardHelpOptions = true,
    description = "Speaks the extcap interface of Wireshark (extcap(4)).",
    footer = {
      "%nPut an executable file into Wireshark's folder for extcap (Help > About > Folders):",
      "  #!/bin/sh",
      "  exec java -jar /path/to/nioring-all.jar extcap \"$@\""
    })
final class ExtcapCommand implements Callable<Integer> {
  private static final String PREFIX = "nioring-";

  @Spec private CommandSpec spec;

  @Option(names = "--extcap-interfaces", description = "Lists the interfaces.")
  private boolean interfaces;

  @SuppressWarnings("UnusedVariable") // Wireshark passes its version, and there is one protocol
  @Option(names = "--extcap-version", paramLabel = "VERSION", arity = "0..1", hidden = true)
  private String version;

  @Option(names = "--extcap-interface", paramLabel = "NAME", description = "Chooses one.")
  private String name;

  @Option(names = "--extcap-dlts", description = "Lists its link types.")
  private boolean linkTypes;

  @Option(names = "--extcap-config", description = "Lists its settings: there are none.")
  private boolean config;

  @Option(names = "--capture", description = "Captures.")
  private boolean capture;

  @Option(names = "--fifo", paramLabel = "FILE", description = "Where the packets go.")
  private String fifo;

  @Option(names = "--extcap-capture-filter", paramLabel = "FILTER", description = "As of ss.")
  private String filter;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (interfaces) {
      listInterfaces(out);
    } else if (linkTypes) {
      out.println("dlt {number=101}{name=RAW}{display=Raw IP}");
    } else if (capture) {
      return capture();
    } else if (filter != null) {
      check(out);
    } else if (!config) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "expected one of --extcap-interfaces, --extcap-dlts, --extcap-config, --capture, as"
              + " Wireshark gives them");
    }
    out.flush();
    return 0;
  }

  private static void listInterfaces(PrintWriter out) {
    out.println("extcap {version=1}{display=nioring}");
    JvmAttachment.toOthers((process, jvm) -> listInterfaces(out, process, jvm));
  }

  private static void listInterfaces(
      PrintWriter out, VirtualMachineDescriptor process, JvmAttachment jvm) {
    if (jvm.showsNetworks()) {
      for (NetworkBean network : jvm.networks()) {
        out.printf(
            "interface {value=%s%s-%s}{display=nioring: %s (%s)}%n",
            PREFIX, process.id(), network.name(), command(process), network.name());
      }
    }
  }

  /** The command without characters that would end the word. */
  private static String command(VirtualMachineDescriptor process) {
    return process.displayName().replaceAll("[{}\\s]+", " ");
  }

  /** Wireshark shows what is printed as the error of the filter. */
  private void check(PrintWriter out) {
    try {
      SocketFilter.parse(filter);
    } catch (IllegalArgumentException e) {
      out.println(e.getMessage());
    }
  }

  private int capture() {
    if (name == null || fifo == null || !name.matches(PREFIX + "\\d+-.+")) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--capture needs --fifo and an --extcap-interface of the list");
    }
    String[] parts = name.substring(PREFIX.length()).split("-", 2);
    List<String> words = new ArrayList<>(List.of("capture", parts[0], "--net", parts[1]));
    words.addAll(List.of("-w", "-", "--copy-to", fifo));
    if (filter != null && !filter.isBlank()) {
      words.addAll(List.of("-f", filter));
    }
    return Main.run(
        spec.commandLine().getOut(), spec.commandLine().getErr(), words.toArray(String[]::new));
  }
}
