package io.nioring.cli;

import com.sun.tools.attach.VirtualMachineDescriptor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the JVMs that use nioring. */
@Command(
    name = "ps",
    mixinStandardHelpOptions = true,
    description = "Lists the JVMs of this user that were started with nioring.",
    footer = {
      "%nColumns: pid, mode, net (the network's name), channels (open ones), listeners, memory (of"
          + " rings), ring and kernel (connections made so far), command. '-' is not known without"
          + " JMX.",
      "--json: pid, mode, net, channels, listeners, memoryBytes, ringConnections,"
          + " kernelConnections, command."
    })
final class PsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Output output;

  @Option(
      names = "--all",
      description = "Looks for networks in all JVMs, which starts the JDK's JMX agent there.")
  private boolean all;

  @Override
  public Integer call() {
    if (!output.isJson()) {
      String[] header = {"PID", "MODE", "NET", "CHANNELS", "LISTENERS", "MEMORY", "RING", "KERNEL"};
      output.print(line(List.of(header), "COMMAND"));
    }
    JvmAttachment.toOthers(this::list);
    return 0;
  }

  private void list(VirtualMachineDescriptor process, JvmAttachment jvm) {
    boolean known = jvm.usesNioring();
    if (!known && !all) {
      return;
    }
    List<NetworkBean> networks = List.of();
    try {
      networks = all || jvm.showsNetworks() ? jvm.networks() : networks;
    } catch (CommandFailure e) {
      spec.commandLine().getErr().println("nioring: " + e.getMessage());
    }
    for (NetworkBean each : networks) {
      row(process, each);
    }
    if (known && networks.isEmpty()) {
      String mode = jvm.property("nioring.mode", "hybrid");
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("pid", Long.parseLong(process.id()));
      row.put("mode", mode);
      row.put("command", process.displayName());
      tell(row, List.of(process.id(), mode, "-", "-", "-", "-", "-", "-"));
    }
  }

  private void row(VirtualMachineDescriptor process, NetworkBean network) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("pid", Long.parseLong(process.id()));
    row.put("mode", network.text("Mode"));
    row.put("net", network.name());
    row.put("channels", network.number("OpenChannels"));
    row.put("listeners", network.number("ListenerCount"));
    row.put("memoryBytes", network.number("MemoryInUseBytes"));
    row.put("ringConnections", network.number("RingConnections"));
    row.put("kernelConnections", network.number("KernelConnections"));
    row.put("command", process.displayName());
    tell(
        row,
        List.of(
            process.id(),
            network.text("Mode"),
            network.name(),
            Units.count(number(row, "channels")),
            Units.count(number(row, "listeners")),
            Units.bytes(number(row, "memoryBytes")),
            Units.count(number(row, "ringConnections")),
            Units.count(number(row, "kernelConnections"))));
  }

  private static double number(Map<String, Object> row, String name) {
    return ((Number) row.get(name)).doubleValue();
  }

  private void tell(Map<String, Object> row, List<String> cells) {
    output.print(row, line(cells, row.get("command").toString()));
  }

  private static String line(List<String> cells, String command) {
    String line = String.format("%7s  %-6s  %-6s  %8s  %9s  %9s  %10s  %10s", cells.toArray());
    return line + "  " + command;
  }
}
