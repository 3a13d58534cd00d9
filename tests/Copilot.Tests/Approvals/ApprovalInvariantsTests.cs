using System.Reflection;
using Copilot.Tests.Receipts;
using Xunit;

namespace Copilot.Tests.Approvals;

/// <summary>What must hold of approvals whatever happens, and the tests that hold it.</summary>
public sealed class ApprovalInvariantsTests
{
    private static readonly (string Invariant, (Type Tests, string Name)[] HeldBy)[] Table =
    [
        ("No effect without a consumed grant.",
        [
            (typeof(ApprovalConstraintsTests), nameof(ApprovalConstraintsTests.Database_RawSql_IsRefused)),
            (typeof(ApprovalTableTests), nameof(ApprovalTableTests.HandedOff_HasOneWayIn)),
            (typeof(ApprovalTableTests), nameof(ApprovalTableTests.Apply_TakenWithAnotherGrantOrNone_IsRefused)),
            (typeof(ApprovalBookModelTests), nameof(ApprovalBookModelTests.Book_AnyInterleavingWithFaults_IsAsTheModel)),
        ]),
        ("A grant is consumed once: threads, processes, kill -9.",
        [
            (typeof(ApprovalRaceTests), nameof(ApprovalRaceTests.Threads_VotingAndTakingAtOnce_ConsumeEachGrantOnce)),
            (typeof(ApprovalRaceTests), nameof(ApprovalRaceTests.Processes_KilledWhileTheyRace_ConsumeEachGrantOnceAndLoseNothing)),
        ]),
        ("The requester, whoever it acts for, the agent and services never count.",
        [
            (typeof(VotingTests), nameof(VotingTests.Cast_Votes_EndAsTheTableSays)),
            (typeof(VotingTests), nameof(VotingTests.Cast_AccountThatAskedIsLinkedToTheVoterSince_IsRefused)),
        ]),
        ("A vote is signed with the voter's own key over what they were shown; the operating system's user alone is never enough for production.",
        [
            (typeof(ApprovalPeopleTests), nameof(ApprovalPeopleTests.Brought_SignatureOverAnythingElse_IsNobody)),
            (typeof(ApprovalPeopleTests), nameof(ApprovalPeopleTests.Brought_InTheNameOfSomebodyElse_IsNobody)),
            (typeof(SignedTextTests), nameof(SignedTextTests.Ballot_AnyMemberChanged_IsOtherBytes)),
            (typeof(VotingTests), nameof(VotingTests.Cast_Votes_EndAsTheTableSays)),
        ]),
        ("One vote per person across linked identities; one person fills one slot.",
        [
            (typeof(VotingTests), nameof(VotingTests.Cast_Votes_EndAsTheTableSays)),
            (typeof(QuorumTests), nameof(QuorumTests.Open_AnyPeopleAndPlaces_FillsAsManyAsAnyAssignment)),
        ]),
        ("What an executor has in hand is fenced and leased; where it falls silent nothing is taken for done before somebody has looked.",
        [
            (typeof(ByExecutorTests), nameof(ByExecutorTests.Step_AnotherExecutorOrFence_IsRefused)),
            (typeof(ByExecutorTests), nameof(ByExecutorTests.Due_SilentExecutor_LeavesWhatNobodyKnows)),
            (typeof(ByExecutorTests), nameof(ByExecutorTests.Reconcile_Findings_EndAsTheTableSays)),
        ]),
        ("Roles are evaluated at the vote and again at consumption.",
        [
            (typeof(VotingTests), nameof(VotingTests.Cast_RoleGainedAfterTheVote_DoesNotCount)),
            (typeof(VotingTests), nameof(VotingTests.Cast_RoleLostByAnEarlierVoter_DoesNotCount)),
            (typeof(CarryingOutTests), nameof(CarryingOutTests.CarryingOut_Cases_EndAsTheTableSays)),
        ]),
        ("Deny beats allow; what comes after the end is refused and recorded.",
        [
            (typeof(VotingTests), nameof(VotingTests.Cast_Votes_EndAsTheTableSays)),
            (typeof(ApprovalBookTests), nameof(ApprovalBookTests.Change_Refused_IsRecordedWithWhoAndWhy)),
        ]),
        ("Timeouts, errors, unknown values, missing policy or directory: not approved.",
        [
            (typeof(VotingTests), nameof(VotingTests.Cast_PolicyOfTheMoment_IsNeverStricterThanWhatWasAsked)),
            (typeof(VotingTests), nameof(VotingTests.Cast_WithoutADirectory_CountsNobody)),
            (typeof(EndingTests), nameof(EndingTests.TooLate_WithoutDue_IsRefusedAllTheSame)),
            (typeof(CarryingOutTests), nameof(CarryingOutTests.CarryingOut_Cases_EndAsTheTableSays)),
        ]),
        ("Edits make a new plan; votes never carry over, and none counts for several plans.",
        [
            (typeof(ApprovalBookTests), nameof(ApprovalBookTests.Ask_AnotherPlanWorldOrPolicy_TakesItsPlaceAndNoVoteComesAlong)),
        ]),
        ("Terminal states absorb.",
        [
            (typeof(ApprovalTableTests), nameof(ApprovalTableTests.FinalStates_AreThoseOfTheDesign_AndAbsorb)),
            (typeof(ApprovalTableTests), nameof(ApprovalTableTests.Apply_EveryCombination_IsJudgedByTheTable)),
            (typeof(ApprovalConstraintsTests), nameof(ApprovalConstraintsTests.Database_EveryFinalState_StaysAsItEnded)),
        ]),
        ("Each transition writes exactly one receipt in its transaction.",
        [
            (typeof(ApprovalBookModelTests), nameof(ApprovalBookModelTests.Book_AnyInterleavingWithFaults_IsAsTheModel)),
        ]),
        ("Losing a notification changes nothing.",
        [
            (typeof(ApprovalConstraintsTests), nameof(ApprovalConstraintsTests.Notices_Lost_ChangeNothing)),
        ]),
        ("The same click or delivery twice is one vote.",
        [
            (typeof(VotingTests), nameof(VotingTests.Cast_SameAgain_HasNoEvent)),
            (typeof(ApprovalBookTests), nameof(ApprovalBookTests.Change_Same_RecordsNothing)),
        ]),
        ("An answer to an old rendering is refused.",
        [
            (typeof(VotingTests), nameof(VotingTests.Cast_Votes_EndAsTheTableSays)),
            (typeof(ApprovalBookTests), nameof(ApprovalBookTests.Change_AnotherVersionWasSeen_IsRefusedAndRecorded)),
        ]),
        ("Replaying the receipts rebuilds the queue exactly.",
        [
            (typeof(ApprovalBookModelTests), nameof(ApprovalBookModelTests.Book_AnyInterleavingWithFaults_IsAsTheModel)),
            (typeof(ApprovalRaceTests), nameof(ApprovalRaceTests.Processes_KilledWhileTheyRace_ConsumeEachGrantOnceAndLoseNothing)),
        ]),
        ("A clock that goes back brings nothing back.",
        [
            (typeof(EndingTests), nameof(EndingTests.ClockThatWentBack_BringsNothingBack)),
            (typeof(ApprovalBookTests), nameof(ApprovalBookTests.ExpireDue_WhatIsLate_EndsAndNothingElse)),
        ]),
        ("Break-glass is by a person with a key and a reason, in grave incidents, for fifteen minutes at most, once, and never past what policy prohibits; somebody else judges it.",
        [
            (typeof(BreakGlassTests), nameof(BreakGlassTests.BreakGlass_Cases_EndAsTheTableSays)),
            (typeof(BreakGlassTests), nameof(BreakGlassTests.BreakGlass_Grant_HoldsForFifteenMinutesAtMost)),
            (typeof(BreakGlassTests), nameof(BreakGlassTests.BreakGlass_Grant_IsUsedOnce)),
            (typeof(BreakGlassTests), nameof(BreakGlassTests.Take_BrokenGlass_IsHeldToWhatPolicyProhibits)),
            (typeof(BreakGlassTests), nameof(BreakGlassTests.Review_Cases_EndAsTheTableSays)),
            (typeof(BreakGlassTests), nameof(BreakGlassTests.Due_NobodyReviewedInTime_IsToldOnceAndMayStillBeReviewed)),
        ]),
        ("Approvals per person per hour are shown.",
        [
            (typeof(ApprovalBookTests), nameof(ApprovalBookTests.ApprovedInHour_CountsEachPersonsApprovalsOfTheLastHour)),
        ]),
        ("The receipts alone prove that what was handed over was approved.",
        [
            (typeof(ReceiptFormTests), nameof(ReceiptFormTests.SampleLog_HasEveryType)),
            (typeof(ApprovalRaceTests), nameof(ApprovalRaceTests.Threads_VotingAndTakingAtOnce_ConsumeEachGrantOnce)),
        ]),
    ];

    public static TheoryData<string> Invariants => [.. Table.Select(t => t.Invariant)];

    [Theory]
    [MemberData(nameof(Invariants))]
    public void Invariant_IsHeldByTestsThatRun(string invariant) => Assert.All(Table.Single(t => t.Invariant == invariant).HeldBy, test =>
    {
        var fact = test.Tests.GetMethod(test.Name)?.GetCustomAttributes().OfType<FactAttribute>().SingleOrDefault();
        Assert.True(fact is { Explicit: false, Skip: null }, $"{test.Tests.Name}.{test.Name} is no test that runs");
    });
}
