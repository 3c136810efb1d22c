package io.nioring.cli;

import com.sun.tools.attach.VirtualMachineDescriptor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the JVMs that use nioring. */
@Command(
    name = "ps",
    mixinStandardHelpOptions = true,
    description = "Lists the JVMs of this user that were started with nioring.",
    footer = {
      "%nColumns: pid, mode, net (the network's name), channels (open ones), listeners, memory (of",
      "rings), ring and kernel (connections made so far), command. '-' is not known without JMX.",
      "--json: pid, mode, net, channels, listeners, memoryBytes, ringConnections,",
      "kernelConnections, command."
    })
final class PsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "One JSON object a line.")
  private boolean json;

  @Option(
      names = "--all",
      description = "Looks for networks in all JVMs, which starts the JDK's JMX agent there.")
  private boolean all;

  private final TextTable table =
      new TextTable(
          Set.of(0, 3, 4, 5, 6, 7),
          "PID",
          "MODE",
          "NET",
          "CHANNELS",
          "LISTENERS",
          "MEMORY",
          "RING",
          "KERNEL",
          "COMMAND");

  @Override
  public Integer call() {
    JvmAttachment.toOthers(this::list);
    if (!json) {
      spec.commandLine().getOut().print(table);
      spec.commandLine().getOut().flush();
    }
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
      add(row, process.id(), mode, "-", "-", "-", "-", "-", "-", process.displayName());
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
    Object[] cells = row.values().toArray();
    cells[5] = Units.bytes((double) network.number("MemoryInUseBytes"));
    add(row, cells);
  }

  private void add(Map<String, Object> row, Object... cells) {
    if (json) {
      spec.commandLine().getOut().println(Json.of(row));
    } else {
      table.add(cells);
    }
  }
}
