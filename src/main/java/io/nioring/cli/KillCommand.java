package io.nioring.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Resets a connection. */
@Command(
    name = "kill",
    mixinStandardHelpOptions = true,
    description = "Resets both ends of a connection over a ring, as ss -K does.",
    footer = {
      "%n  nioring ss 4711        (the column CONN)",
      "  nioring kill 4711 17",
      "--json: connection."
    })
final class KillCommand implements Callable<Integer> {
  @Mixin private Target target;
  @Mixin private Output output;

  @Parameters(
      index = "1",
      paramLabel = "CONN",
      converter = Units.NumberConverter.class,
      description = "The connection's number.")
  private long connection;

  @Override
  public Integer call() {
    try (JvmAttachment jvm = JvmAttachment.to(target.pid)) {
      NetworkBean network = target.network(jvm);
      if (!(boolean) network.call("close", connection, long.class)) {
        throw new CommandFailure(
            "network " + network.name() + " has no connection " + connection + " over a ring");
      }
    }
    output.print(Map.of("connection", connection), "connection " + connection + " was reset");
    return 0;
  }
}
