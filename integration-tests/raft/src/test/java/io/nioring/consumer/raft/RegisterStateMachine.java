package io.nioring.consumer.raft;

import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;

/** A register as Ratis replicates it; its log is never cut off, so it needs no snapshot. */
final class RegisterStateMachine extends BaseStateMachine {
  private long value;

  @Override
  public synchronized CompletableFuture<Message> query(Message request) {
    Command command = Command.parse(request.getContent().toStringUtf8());
    return answer(command.result(value));
  }

  @Override
  public synchronized CompletableFuture<Message> applyTransaction(TransactionContext context) {
    LogEntryProto entry = context.getLogEntry();
    Command command = Command.parse(entry.getStateMachineLogEntry().getLogData().toStringUtf8());
    long result = command.result(value);
    value = command.next(value);
    updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
    return answer(result);
  }

  synchronized long value() {
    return value;
  }

  private static CompletableFuture<Message> answer(long result) {
    return CompletableFuture.completedFuture(Message.valueOf(Long.toString(result)));
  }
}
